import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { encryptTable, entities, localColumns, type Entity } from '@sealbook/schema'
import type { DumpedRow, RowText } from '../history.ts'

export type Tx = Pick<AbstractPowerSyncDatabase, 'execute' | 'getAll' | 'getOptional'>

/** SQL: a row's columns as JSON of texts. By SQLite, as JavaScript's JSON rounds large integers. */
function asText(entity: Entity, row = ''): string {
  const cells = Object.keys(localColumns(entity)).map(
    (name) => `'${name}', CAST(${row}"${name}" AS TEXT)`,
  )
  return `json_object(${cells.join(', ')})`
}

export async function readRow(tx: Tx, entity: Entity, id: string): Promise<RowText | null> {
  const found = await tx.getOptional<{ json: string }>(
    `SELECT ${asText(entity)} AS json FROM "${entity.table}" WHERE id = ?`,
    [id],
  )
  return found === null ? null : (JSON.parse(found.json) as RowText)
}

export async function insertRow(tx: Tx, entity: Entity, id: string, row: RowText): Promise<void> {
  const names = Object.keys(row)
  const cells = names.map((name) => cell(entity, name))
  await tx.execute(
    `INSERT INTO "${entity.table}"(id, ${names.map((name) => `"${name}"`).join(', ')})
      VALUES (?, ${cells.join(', ')})`,
    [id, ...names.map((name) => row[name] ?? null)],
  )
}

export async function updateRow(tx: Tx, entity: Entity, id: string, row: RowText): Promise<void> {
  const names = Object.keys(row)
  await tx.execute(
    `UPDATE "${entity.table}"
      SET ${names.map((name) => `"${name}" = ${cell(entity, name)}`).join(', ')} WHERE id = ?`,
    [...names.map((name) => row[name] ?? null), id],
  )
}

function cell(entity: Entity, name: string): string {
  const type = localColumns(entity)[name]?.type
  return type === 'integer' || type === 'instant' ? 'CAST(? AS INTEGER)' : '?'
}

/** Every row of every plaintext table, with the seal of its twin. */
export async function readAll(db: Pick<AbstractPowerSyncDatabase, 'getAll'>): Promise<DumpedRow[]> {
  const dumped: DumpedRow[] = []
  for (const entity of entities) {
    const rows = await db.getAll<{ id: string; json: string; seal: string | null }>(
      `SELECT l.id, ${asText(entity, 'l.')} AS json, t.seal FROM "${entity.table}" AS l
        LEFT JOIN "${encryptTable(entity)}" AS t ON t.id = l.id`,
    )
    for (const { id, json, seal } of rows) {
      dumped.push({ key: `${entity.table}/${id}`, row: JSON.parse(json) as RowText, seal })
    }
  }
  return dumped
}
