export { startSyncEngine, type SyncEngine, type SyncEngineDeps } from './engine.ts'
export type { JwksSource } from './http/auth.ts'
export type { Logger } from './logger.ts'
export { SetupError } from './replication/preflight.ts'
