import pg from 'pg'

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
  const { rows } = await client.query<SetupRow>(setupSql, [publication, schemaName])
  const row = rows[0]
  const fault = row ? findFault(row, publication, schemaName) : 'Postgres did not answer'
  if (fault !== null) throw new SetupError(fault)
}

const oldestVersion = 160_000

interface SetupRow {
  readonly role: string
  readonly database: string
  readonly wal_level: string
  readonly version: number
  readonly may_replicate: boolean
  readonly publishes_all: boolean | null
  /** May create the engine's schema, or write in it when it is there. */
  readonly may_store: boolean
  readonly unreadable: readonly string[] | null
  readonly keyless: readonly string[] | null
  readonly has_free_slot: boolean
}

const setupSql = `
  WITH published AS MATERIALIZED (
    SELECT c.oid FROM pg_publication_tables t
      JOIN pg_namespace n ON n.nspname = t.schemaname
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
     WHERE t.pubname = $1)
  SELECT current_user AS role, current_database() AS database,
         current_setting('wal_level') AS wal_level,
         current_setting('server_version_num')::int AS version,
         (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user)
           AS may_replicate,
         (SELECT puballtables FROM pg_publication WHERE pubname = $1) AS publishes_all,
         coalesce(has_schema_privilege(to_regnamespace($2), 'CREATE'),
                  has_database_privilege(current_database(), 'CREATE')) AS may_store,
         (SELECT json_agg(format('%I.%I', n.nspname, c.relname)) FROM published p
            JOIN pg_class c ON c.oid = p.oid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE NOT has_schema_privilege(n.oid, 'USAGE')
              OR NOT has_any_column_privilege(c.oid, 'SELECT')) AS unreadable,
         (SELECT json_agg(format('%I.%I', n.nspname, c.relname)) FROM published p
            JOIN pg_class c ON c.oid = p.oid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relreplident = 'n'
              OR (c.relreplident = 'd' AND NOT EXISTS (
                    SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))) AS keyless,
         (SELECT count(*) FROM pg_replication_slots)
           < current_setting('max_replication_slots')::int
           OR EXISTS (SELECT FROM pg_replication_slots
                       WHERE database = current_database() AND slot_name LIKE $2 || '%')
           AS has_free_slot`

function findFault(row: SetupRow, publication: string, schemaName: string): string | null {
  const quoted = (name: string) => pg.escapeIdentifier(name)
  const published = quoted(publication)
  if (row.version < oldestVersion) return `Postgres ${oldestVersion / 10_000} or newer is needed`
  if (row.wal_level !== 'logical') {
    return (
      `wal_level is ${row.wal_level}. Run as superuser: ` +
      `ALTER SYSTEM SET wal_level = logical; then restart Postgres`
    )
  }
  if (!row.may_replicate) {
    return `Role ${row.role} may not replicate. Run as superuser: ALTER ROLE ${quoted(row.role)} REPLICATION`
  }
  if (!row.may_store) {
    return (
      `Role ${row.role} may not keep the engine's tables. Run as owner: ` +
      `CREATE SCHEMA ${schemaName} AUTHORIZATION ${quoted(row.role)}; ` +
      `or: GRANT CREATE ON DATABASE ${quoted(row.database)} TO ${quoted(row.role)}`
    )
  }
  if (row.publishes_all === null) {
    return (
      `There is no publication ${JSON.stringify(publication)}. Run the server's migrations, or: ` +
      `CREATE PUBLICATION ${published} FOR TABLE ...`
    )
  }
  if (row.publishes_all) {
    return (
      `Publication ${JSON.stringify(publication)} is FOR ALL TABLES and would publish the ` +
      `engine's own tables. Run: DROP PUBLICATION ${published}; CREATE PUBLICATION ${published} FOR TABLE ...`
    )
  }
  if (row.unreadable) {
    return (
      `Role ${row.role} may not read ${row.unreadable.join(', ')}. Run: ` +
      `GRANT SELECT ON ${row.unreadable.join(', ')} TO ${quoted(row.role)} (and USAGE on the schema)`
    )
  }
  if (row.keyless) {
    return (
      `Rows of ${row.keyless.join(', ')} cannot be told apart in the log. ` +
      `Run for each: ALTER TABLE ... ADD PRIMARY KEY (...), or: ALTER TABLE ... REPLICA IDENTITY FULL`
    )
  }
  if (!row.has_free_slot) {
    return (
      'Every replication slot is taken. Drop one that nobody uses ' +
      '(SELECT pg_drop_replication_slot(...)), or raise max_replication_slots and restart Postgres'
    )
  }
  return null
}
