/** The part of pino that the engine uses. Never given tokens, bodies or row values. */
export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
