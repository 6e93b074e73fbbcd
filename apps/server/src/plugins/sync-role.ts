import type pg from 'pg'
import { inTransaction } from './database.ts'

/** Any constant: it only has to be the same in every process that grants. */
const grantLock = 7_305_117_443

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
    const { rows } = await client.query<{ statement: string }>(
      `SELECT format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', $1::text) AS statement
       UNION ALL
       SELECT format('GRANT SELECT ON %I.%I TO %I', schemaname, tablename, $1::text)
         FROM pg_publication_tables WHERE pubname = 'powersync'`,
      [role],
    )
    for (const { statement } of rows) await client.query(statement)
  })
}
