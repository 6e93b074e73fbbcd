/**
 * Why Postgres would not start.
 *
 * - `in-use`: a living process already runs a server on this data directory.
 * - `no-binaries`: no package of binaries for this platform is installed.
 * - `no-account`: running as root, and no unprivileged account to run Postgres as.
 * - `not-permitted`: the data directory belongs to someone else.
 * - `failed`: initdb or postgres itself gave up; the message quotes its last words.
 */
export type PostgresStartErrorKind =
  'in-use' | 'no-binaries' | 'no-account' | 'not-permitted' | 'failed'

/** Thrown by `startPostgres`; the message is fit to be shown to the person who started it. */
export class PostgresStartError extends Error {
  readonly kind: PostgresStartErrorKind

  constructor(kind: PostgresStartErrorKind, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'PostgresStartError'
    this.kind = kind
  }
}
