import { readFile } from 'node:fs/promises'
import {
  encryptTable,
  entities,
  localColumns,
  sealedColumnNames,
  type Column,
} from '@sealbook/schema'
import { maxEnvelopeLength } from '@sealbook/schema/upload'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountRow, fakeEnvelope, fakeSeal, signUpWithWorkspace } from '../../../test/rows.ts'
import { startTestApp, type TestApp } from '../../../test/test-app.ts'

const sealedColumns = entities.flatMap((entity) =>
  Object.entries(localColumns(entity)).flatMap(([name, column]) =>
    column.visibility === 'sealed' ? [{ table: encryptTable(entity), name, column }] : [],
  ),
)
const checkViolation = '23514'

describe('the SQL of the twins', () => {
  let test: TestApp
  let workspaceId: string
  beforeAll(async () => {
    test = await startTestApp()
    ;({ workspaceId } = await signUpWithWorkspace(test.app))
  })
  afterAll(() => test.close())

  it.each(entities.map((entity) => [encryptTable(entity), entity] as const))(
    '%s has exactly the columns of packages/schema, with their types',
    async (table, entity) => {
      const { rows } = await test.database.pool.query<{
        column_name: string
        data_type: string
        is_nullable: string
      }>(
        `SELECT column_name, data_type, is_nullable FROM information_schema.columns
          WHERE table_name = $1`,
        [table],
      )
      const actual = rows.map((row) => [row.column_name, row.data_type, row.is_nullable === 'YES'])
      const expected = Object.entries(localColumns(entity)).map(([name, column]) => [
        name,
        sqlType(column),
        column.nullable,
      ])
      const own = [
        ['id', 'uuid', false],
        ['revision', 'bigint', false],
        ['seal', 'text', false],
        ['author_id', 'uuid', true],
      ]
      expect(new Set(actual)).toEqual(new Set([...expected, ...own]))
    },
  )

  it.each(entities.map((entity) => [encryptTable(entity), entity] as const))(
    '%s checks what packages/schema limits',
    async (table, entity) => {
      const checks = await constraints(table, 'c')
      for (const [name, column] of Object.entries(localColumns(entity))) {
        const check = sqlCheck(name, column)
        if (check !== undefined) expect(checks.join('\n')).toContain(check)
      }
      expect(checks.join('\n')).toContain('is_row_seal(seal)')
      expect(checks.filter((check) => check.includes('is_envelope'))).toHaveLength(
        sealedColumnNames(entity).length,
      )
    },
  )

  it.each(entities.map((entity) => [encryptTable(entity), entity] as const))(
    '%s refers to its parents inside the workspace',
    async (table, entity) => {
      const expected = Object.entries(localColumns(entity)).flatMap(([name, column]) =>
        column.type === 'id' && column.references !== undefined
          ? [
              `FOREIGN KEY (workspace_id, ${name}) REFERENCES ` +
                `${column.references}_encrypt(workspace_id, id)`,
            ]
          : [],
      )
      const workspace = 'FOREIGN KEY (workspace_id) REFERENCES workspaces(id) ON DELETE CASCADE'
      expect(new Set(await constraints(table, 'f'))).toEqual(new Set([...expected, workspace]))
    },
  )

  it('replicates and syncs every twin', async () => {
    const { rows } = await test.database.pool.query<{ tablename: string }>(
      `SELECT tablename FROM pg_publication_tables WHERE pubname = 'powersync'`,
    )
    const twins = entities.map(encryptTable)
    expect(new Set(rows.map((row) => row.tablename))).toEqual(
      new Set(['workspace_memberships', 'server_lives', ...twins]),
    )
    const rules = await readFile(
      new URL('../../../../../powersync/sync_rules.yaml', import.meta.url),
      'utf8',
    )
    for (const twin of twins) {
      expect(rules).toContain(`FROM ${twin} WHERE workspace_id = bucket.workspace_id`)
    }
  })

  it.each(sealedColumns)('$table, $name: takes no plaintext', async ({ table, name, column }) => {
    const max = maxEnvelopeLength(column)
    const attempts = [
      'Groceries',
      '73195713.37',
      '-7319571337',
      '',
      ' '.repeat(104),
      // Right length and letters, but no envelope header.
      'Salary'.padEnd(104, 'x'),
      // A header, then too few bytes, a length that padding cannot give, and too many bytes.
      fakeEnvelope(1, 31),
      fakeEnvelope(1, 33),
      `AQE${'A'.repeat(max)}`,
      `${fakeEnvelope()} `,
      `${fakeEnvelope()}\n`,
    ]
    for (const value of attempts) {
      const check = test.database.pool.query(
        `INSERT INTO ${table} SELECT * FROM json_populate_record(NULL::${table}, $1)`,
        [JSON.stringify({ ...filled(table, workspaceId), [name]: value })],
      )
      await expect(check, value.slice(0, 40)).rejects.toMatchObject({ code: checkViolation })
    }
  })

  it('takes a right row by the same statement', async () => {
    const { id, data } = accountRow(workspaceId)
    const inserted = await test.database.pool.query(
      `INSERT INTO accounts_encrypt SELECT * FROM json_populate_record(NULL::accounts_encrypt, $1)`,
      [JSON.stringify({ id, ...data })],
    )
    expect(inserted.rowCount).toBe(1)
  })

  async function constraints(table: string, type: 'c' | 'f'): Promise<string[]> {
    const { rows } = await test.database.pool.query<{ definition: string }>(
      `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE conrelid = $1::regclass AND contype = $2`,
      [table, type],
    )
    return rows.map((row) => row.definition)
  }
})

function sqlType(column: Column): string {
  if (column.visibility === 'sealed') return 'text'
  switch (column.type) {
    case 'id':
      return 'uuid'
    case 'instant':
      return 'bigint'
    case 'integer':
      return 'integer'
    case 'date':
    case 'month':
    case 'currency':
    case 'choice':
      return 'text'
  }
}

/** As Postgres prints it. */
function sqlCheck(name: string, column: Column): string | undefined {
  if (column.visibility === 'sealed') return `is_envelope(${name}, ${maxEnvelopeLength(column)})`
  switch (column.type) {
    case 'id':
      return undefined
    case 'instant':
      return `((${name} >= 0) AND (${name} <= '8640000000000000'::bigint))`
    case 'integer':
      return `((${name} >= '${column.min}'::integer) AND (${name} <= ${column.max}))`
    case 'date':
      return `is_date_text(${name})`
    case 'month':
      return `is_month_text(${name})`
    case 'currency':
      return `(${name} ~ '^[A-Z]{3}$'::text)`
    case 'choice': {
      const choices = column.choices.map((choice) => `'${choice}'::text`).join(', ')
      return `(${name} = ANY (ARRAY[${choices}]))`
    }
  }
}

/** Every column right, of whichever table; relations are checked after the CHECKs. */
function filled(table: string, workspaceId: string): Record<string, unknown> {
  const entity = entities.find((candidate) => encryptTable(candidate) === table)
  if (entity === undefined) throw new Error(`no entity has the twin ${table}`)
  const columns = Object.entries(localColumns(entity))
  const cells = columns.map(([name, column]) => [name, cell(column)] as const)
  return {
    ...Object.fromEntries(cells),
    id: workspaceId,
    workspace_id: workspaceId,
    revision: 1,
    seal: fakeSeal(),
  }
}

function cell(column: Column): unknown {
  if (column.visibility === 'sealed') return fakeEnvelope()
  switch (column.type) {
    case 'id':
      return '00000000-0000-4000-8000-000000000000'
    case 'instant':
    case 'integer':
      return 0
    case 'date':
      return '2026-01-31'
    case 'month':
      return '2026-01'
    case 'currency':
      return 'EUR'
    case 'choice':
      return column.choices[0]
  }
}
