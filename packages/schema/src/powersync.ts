import { column as sqlite, Schema, Table } from '@powersync/common'
import { entities } from './entities.ts'
import { encryptTable, localColumns, type Column, type Entity } from './entity.ts'

/** Synced plain table: which workspaces the person belongs to. Written by the server only. */
export const membershipsTable = 'workspace_memberships'

/**
 * Synced plain table: one row for each start of an API server, with a position that grows after
 * uploads were applied. Written by the server only. A remembered row that is gone, or whose position
 * went back, means that the server's database was put back to an older state.
 */
export const serverLivesTable = 'server_lives'

/** The device's database: every entity's plaintext table and twin, memberships, server lives. */
export function buildPowerSyncSchema(): Schema {
  const tables: Record<string, Table> = {
    [membershipsTable]: new Table({
      workspace_id: sqlite.text,
      user_id: sqlite.text,
      role: sqlite.text,
    }),
    [serverLivesTable]: new Table({
      started_at: sqlite.integer,
      position: sqlite.integer,
    }),
  }
  for (const entity of entities) {
    tables[entity.table] = localTable(entity)
    tables[encryptTable(entity)] = twinTable(entity)
  }
  return new Schema(tables)
}

function localTable(entity: Entity): Table {
  const indexes = Object.fromEntries(
    Object.entries(entity.localIndexes).map(([name, columns]) => [name, [...columns]]),
  )
  return new Table(mapColumns(entity, localType), { localOnly: true, indexes })
}

function twinTable(entity: Entity): Table {
  return new Table(
    {
      ...mapColumns(entity, twinType),
      revision: sqlite.integer,
      seal: sqlite.text,
      author_id: sqlite.text,
    },
    { trackPrevious: { columns: ['revision', 'seal'] }, ignoreEmptyUpdates: true },
  )
}

function mapColumns<T>(entity: Entity, type: (column: Column) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries(localColumns(entity)).map(([name, column]) => [name, type(column)]),
  )
}

function localType(column: Column) {
  return column.type === 'integer' || column.type === 'instant' ? sqlite.integer : sqlite.text
}

function twinType(column: Column) {
  return column.visibility === 'sealed' ? sqlite.text : localType(column)
}
