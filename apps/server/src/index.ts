export { buildApp, type AppDeps } from './app.ts'
export { SignedInSessions } from './features/sync-token/signed-in-sessions.ts'
export { rotateSigningKey } from './features/sync-token/signing-keys.ts'
export {
  equalLimits,
  type RateLimit,
  type RateLimits,
  type ServerConfig,
} from './plugins/config.ts'
export { surviveLostClients } from './plugins/database.ts'
export { createLogger, type LoggerOptions } from './plugins/log.ts'
export { migrate, type MigrateOptions } from './plugins/migrate.ts'
export { watchReplication } from './plugins/replication-watch.ts'
export { grantPublishedTables, prepareSyncRole, SyncSetupError } from './plugins/sync-role.ts'
