import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { entities } from './entities.ts'
import { encryptTable, localColumns, twinOnlyColumns } from './entity.ts'
import { buildPowerSyncSchema, membershipsTable, serverLivesTable } from './powersync.ts'

const tables = new Map(buildPowerSyncSchema().tables.map((table) => [table.name, table]))

describe('buildPowerSyncSchema', () => {
  it('gives every entity a localOnly table and a twin with the same columns and its own', () => {
    for (const entity of entities) {
      const columns = Object.keys(localColumns(entity))
      const local = tables.get(entity.table)
      const twin = tables.get(encryptTable(entity))
      expect(local?.localOnly).toBe(true)
      expect(local?.columns.map((column) => column.name)).toEqual(columns)
      expect(twin?.localOnly).toBe(false)
      expect(twin?.columns.map((column) => column.name)).toEqual([...columns, ...twinOnlyColumns])
    }
    expect(tables.size).toBe(entities.length * 2 + 2)
  })

  it('stores every sealed column of a twin as TEXT', () => {
    for (const entity of entities)
      for (const column of tables.get(encryptTable(entity))?.columns ?? [])
        if (entity.columns[column.name as keyof typeof entity.columns]?.['visibility'] === 'sealed')
          expect(column.type, column.name).toBe('TEXT')
  })
})

describe('powersync/sync_rules.yaml', () => {
  const rules = readFileSync(new URL('../../../powersync/sync_rules.yaml', import.meta.url), 'utf8')

  it('has one whole line for the twin of every entity, and no plaintext table', () => {
    for (const entity of entities) {
      const line = `- SELECT * FROM ${encryptTable(entity)} WHERE workspace_id = bucket.workspace_id\n`
      expect(rules.split(line).length - 1, entity.table).toBe(1)
    }
    const sources = [...rules.matchAll(/FROM (\w+)/g)].map(([, table]) => table)
    const expected = [membershipsTable, serverLivesTable, ...entities.map(encryptTable)]
    expect([...new Set(sources)].sort()).toEqual(expected.sort())
  })
})
