import { schemaVersion } from '@sealbook/schema'
import { selectCount, type SqlTransaction } from './sql.ts'

/** Where the database says which version of the app opened it last. One row. */
export const schemaVersionTable = 'app_schema'

/** A newer version of the app has opened the database: this one must not write to it any more. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError'
}

/** Writes this version into the database. False, and nothing written, when it has a newer one. */
export async function claimSchema(tx: SqlTransaction): Promise<boolean> {
  await tx.execute(
    `CREATE TABLE IF NOT EXISTS ${schemaVersionTable}(
      id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)`,
  )
  if (await hasNewerSchema(tx)) return false
  await tx.execute(
    `INSERT INTO ${schemaVersionTable}(id, version) VALUES (1, ?)
      ON CONFLICT(id) DO UPDATE SET version = excluded.version WHERE version <> excluded.version`,
    [schemaVersion],
  )
  return true
}

export async function hasNewerSchema(tx: Pick<SqlTransaction, 'executeRaw'>): Promise<boolean> {
  const sql = `SELECT count(*) FROM ${schemaVersionTable} WHERE version > ?`
  return (await selectCount(tx, sql, [schemaVersion])) > 0
}

/**
 * First in every transaction of the router: an older router would seal a row of a newer app without
 * the columns that it does not know, and take the note off the journal.
 * @throws NewerSchemaError
 */
export async function requireOwnSchema(tx: SqlTransaction): Promise<void> {
  if (await hasNewerSchema(tx)) throw new NewerSchemaError('the database has a newer schema')
}
