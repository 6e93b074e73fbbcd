import pg from 'pg'
import { inTransaction } from './database.ts'

/** Why an outside sync service cannot read; `message` says, for each fault, what to do about it. */
export class SyncSetupError extends Error {
  override readonly name = 'SyncSetupError'
}

/** Any constant: it only has to be the same in every process that grants. */
const grantLock = 7_305_117_443
const publication = 'powersync'
const oldestVersion = 160_000

/**
 * Gives an outside sync service's role what it needs and checks the rest. The service itself says
 * little: it retries for ever, and its probes answer 200 while it may read nothing. Call it after
 * `migrate`.
 *
 * @throws {SyncSetupError} with every fault and the command that mends it.
 */
export async function prepareSyncRole(pool: pg.Pool, role: string): Promise<void> {
  const { rows } = await pool.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
  if (rows.length > 0) await grantPublishedTables(pool, role)
  const faults = findFaults(await readFacts(pool, role))
  if (faults.length === 0) return
  const list = faults.map((fault) => `\n- ${fault}`).join('')
  throw new SyncSetupError(`The sync service cannot read Postgres as ${role} (SYNC_ROLE):${list}`)
}

/**
 * Lets an outside sync service's role read the tables of the publication `powersync`, and takes
 * every other table from it. Call it after `migrate`: a migration may have published a new table.
 *
 * @throws when there is no such role: the operator's mistake.
 */
export async function grantPublishedTables(pool: pg.Pool, role: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    // Two servers that start at once would change the same catalogue rows.
    await client.query('SELECT pg_advisory_xact_lock($1)', [grantLock])
    // The owner of the tables reads them anyway, and must go on writing them.
    const { rows } = await client.query<{ statement: string }>(
      `SELECT statement FROM (
         SELECT 1 AS step, format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', $1::text) AS statement
         UNION ALL
         SELECT 2, format('GRANT SELECT ON %I.%I TO %I', schemaname, tablename, $1::text)
           FROM pg_publication_tables WHERE pubname = $2) AS steps
        WHERE $1 <> current_user ORDER BY step`,
      [role, publication],
    )
    for (const { statement } of rows) await client.query(statement)
  })
}

/** What is so in Postgres, as far as a sync service needs it. */
export interface SyncFacts {
  readonly role: string
  readonly database: string
  readonly version: number
  readonly walLevel: string
  readonly freeSlots: number
  /** Null: there is no such role. */
  readonly rights: {
    readonly login: boolean
    readonly replication: boolean
    readonly connect: boolean
    readonly usage: boolean
  } | null
  /** Null: there is no publication. */
  readonly publishesAll: boolean | null
  readonly unreadable: readonly string[]
}

async function readFacts(pool: pg.Pool, role: string): Promise<SyncFacts> {
  const { rows } = await pool.query<{ facts: SyncFacts }>(factsSql, [role, publication])
  const [row] = rows
  if (row === undefined) throw new Error('Postgres did not answer')
  return row.facts
}

const factsSql = `
  SELECT json_build_object(
    'role', $1::text,
    'database', current_database(),
    'version', current_setting('server_version_num')::int,
    'walLevel', current_setting('wal_level'),
    'freeSlots', current_setting('max_replication_slots')::int
      - (SELECT count(*) FROM pg_replication_slots WHERE database IS DISTINCT FROM current_database()),
    'rights', (
      SELECT json_build_object(
        'login', rolcanlogin,
        'replication', rolreplication OR rolsuper,
        'connect', has_database_privilege(oid, current_database(), 'CONNECT'),
        'usage', has_schema_privilege(oid, 'public', 'USAGE'))
      FROM pg_roles WHERE rolname = $1),
    'publishesAll', (SELECT puballtables FROM pg_publication WHERE pubname = $2),
    'unreadable', (
      SELECT coalesce(json_agg(format('%I.%I', t.schemaname, t.tablename)), '[]')
        FROM pg_publication_tables t, pg_roles r
       WHERE t.pubname = $2 AND r.rolname = $1
         AND NOT has_table_privilege(r.oid, format('%I.%I', t.schemaname, t.tablename), 'SELECT'))
  ) AS facts`

/** Each with the command that mends it. */
export function findFaults(facts: SyncFacts): string[] {
  const { rights } = facts
  const role = pg.escapeIdentifier(facts.role)
  const database = pg.escapeIdentifier(facts.database)
  const faults: string[] = []
  if (facts.version < oldestVersion) faults.push('Postgres 16 or newer is needed.')
  if (facts.walLevel !== 'logical') {
    faults.push(
      `wal_level is ${facts.walLevel}. As superuser: ALTER SYSTEM SET wal_level = logical; then restart Postgres.`,
    )
  }
  if (facts.freeSlots < 1) {
    faults.push('Every replication slot is taken. Raise max_replication_slots, restart Postgres.')
  }
  if (facts.publishesAll === null) {
    faults.push(`There is no publication ${publication} in this database: it is not Sealbook's.`)
  } else if (facts.publishesAll) {
    faults.push(
      `The publication ${publication} is FOR ALL TABLES, passwords and keys too. DROP PUBLICATION ${publication}; then restore the one of the migrations.`,
    )
  }
  if (rights === null) {
    faults.push(
      `There is no such role. As superuser: CREATE ROLE ${role} LOGIN REPLICATION PASSWORD '...'; ` +
        'or set SYNC_ROLE to the role with which the service connects.',
    )
    return faults
  }
  if (!rights.login) faults.push(`It may not log in. As superuser: ALTER ROLE ${role} LOGIN;`)
  if (!rights.replication) {
    faults.push(`It may not replicate. As superuser: ALTER ROLE ${role} REPLICATION;`)
  }
  if (!rights.connect) {
    faults.push(`It may not connect. As owner: GRANT CONNECT ON DATABASE ${database} TO ${role};`)
  }
  if (!rights.usage) {
    faults.push(`It may not use the schema. As owner: GRANT USAGE ON SCHEMA public TO ${role};`)
  }
  if (facts.unreadable.length > 0) {
    const tables = facts.unreadable.join(', ')
    faults.push(`It may not read ${tables}. As owner: GRANT SELECT ON ${tables} TO ${role};`)
  }
  return faults
}
