export { freePort } from './free-port.ts'
export type { PostgresMajor } from './major.ts'
export { startPostgres, type PostgresOptions, type PostgresServer } from './start.ts'
export { PostgresStartError, type PostgresStartErrorKind } from './start-error.ts'
