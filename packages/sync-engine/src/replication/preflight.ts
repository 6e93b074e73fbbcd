import type pg from 'pg'

/** Why replication cannot start; `message` says what to do about it. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

/**
 * Checks what replication needs before anything is changed.
 * @throws SetupError with the command that mends it.
 */
export async function checkSetup(
  client: pg.ClientBase,
  publication: string,
  schemaName: string,
): Promise<void> {
  if (!/^[a-z_][a-z0-9_]*$/.test(schemaName) || schemaName === 'public') {
    throw new SetupError(`The engine needs a schema of its own, not ${JSON.stringify(schemaName)}`)
  }
  const { rows } = await client.query<{
    wal_level: string
    version: number
    may_replicate: boolean
    publication: boolean | null
  }>(
    `SELECT current_setting('wal_level') AS wal_level,
            current_setting('server_version_num')::int AS version,
            (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user)
              AS may_replicate,
            (SELECT puballtables FROM pg_publication WHERE pubname = $1) AS publication`,
    [publication],
  )
  const row = rows[0]
  if (!row) throw new SetupError('Postgres did not answer')
  if (row.version < oldestVersion) {
    throw new SetupError(`Postgres ${oldestVersion / 10_000} or newer is needed`)
  }
  if (row.wal_level !== 'logical') {
    throw new SetupError(
      `wal_level is ${row.wal_level}. Run: ALTER SYSTEM SET wal_level = logical; then restart Postgres`,
    )
  }
  if (!row.may_replicate) {
    throw new SetupError('The role may not replicate. Run as superuser: ALTER ROLE ... REPLICATION')
  }
  if (row.publication === null) {
    throw new SetupError(
      `There is no publication ${JSON.stringify(publication)}. Run the server's migrations, or: ` +
        `CREATE PUBLICATION ${publication} FOR TABLE ...`,
    )
  }
  if (row.publication) {
    throw new SetupError(
      `Publication ${JSON.stringify(publication)} is FOR ALL TABLES and would publish the ` +
        `engine's own tables. Create it FOR TABLE ...`,
    )
  }
}

const oldestVersion = 160_000
