import { describe, expect, it } from 'vitest'
import { entities } from './entities.ts'
import { encryptTable, localColumns, sealedColumnNames, type Column } from './entity.ts'
import {
  buildRowValidators,
  envelopeOverheadBytes,
  maxEnvelopeLength,
  rowSealBytes,
  uploadRequestSchema,
} from './upload.ts'

/** Null, padded to 32 bytes. */
const minEnvelopeBytes = envelopeOverheadBytes + 32
const validators = buildRowValidators()
const uuid = '0b7e4c1a-0000-4000-8000-00000000000a'
const envelope = bytesFrom([1, 1, 0, 0, 0, 1], minEnvelopeBytes)
const seal = bytesFrom([1, 0, 0, 0, 1], rowSealBytes)

/** Right in form: a header and zeros. */
function bytesFrom(header: number[], length: number): string {
  return Buffer.concat([Buffer.from(header)], length).toString('base64url')
}

function validCell(column: Column): string | number {
  if (column.visibility === 'sealed') return envelope
  switch (column.type) {
    case 'id':
      return uuid
    case 'date':
      return '2026-02-28'
    case 'month':
      return '2026-02'
    case 'instant':
      return 1_700_000_000_000
    case 'integer':
      return column.min
    case 'currency':
      return 'EUR'
    case 'choice':
      return column.choices[0] ?? ''
  }
}

describe.each(entities.map((entity) => [entity.table, entity] as const))('%s', (_, entity) => {
  const { put, patch } = validators.get(encryptTable(entity)) ?? {}
  const row = {
    ...Object.fromEntries(
      Object.entries(localColumns(entity)).map(([name, column]) => [name, validCell(column)]),
    ),
    revision: 1,
    seal,
  }

  it('accepts a whole row', () => {
    expect(put?.safeParse(row).success).toBe(true)
  })

  it('refuses a PUT without a column that has a value, and a column that it does not have', () => {
    const columns = localColumns(entity)
    for (const name of Object.keys(row)) {
      const mayBeNull = columns[name]?.nullable === true
      const { [name]: _left, ...rest } = row as Record<string, string | number>
      expect(put?.safeParse(rest).success, name).toBe(mayBeNull)
    }
    expect(put?.safeParse({ ...row, amount_plain: 5 }).success).toBe(false)
    expect(patch?.safeParse({ revision: 2, seal, amount_plain: 5 }).success).toBe(false)
  })

  it('refuses plaintext and oversize in every sealed column, and null where all have one', () => {
    expect(patch?.safeParse({ revision: 2, seal }).success).toBe(true)
    for (const name of sealedColumnNames(entity)) {
      const column = localColumns(entity)[name]
      if (column?.visibility !== 'sealed') throw new Error(name)
      const withNull = patch?.safeParse({ revision: 2, seal, [name]: null })
      expect(withNull?.success, `${name} null`).toBe(column.nullable)
      const tooLong = bytesFrom([1, 1, 0, 0, 0, 1], maxEnvelopeLength(column))
      for (const value of ['Groceries', 1250, '1250', '', `AQEA${' '.repeat(120)}`, tooLong])
        expect(
          patch?.safeParse({ revision: 2, seal, [name]: value }).success,
          `${name} ${String(value)}`,
        ).toBe(false)
    }
  })

  it('refuses what would not come back as it was written', () => {
    const bad: Record<string, unknown> = {
      workspace_id: uuid.toUpperCase(),
      created_at: 1.5,
      updated_at: '2026-01-01T00:00:00Z',
      revision: 0,
      seal: 'short',
    }
    for (const [name, value] of Object.entries(bad))
      expect(patch?.safeParse({ revision: 2, seal, [name]: value }).success, name).toBe(false)
  })
})

describe('uploadRequestSchema', () => {
  it('refuses an empty batch, unknown keys and unknown operations', () => {
    const operation = { op: 'PUT', table: 'accounts_encrypt', id: uuid, data: {} }
    expect(uploadRequestSchema.safeParse({ batch: [operation] }).success).toBe(true)
    expect(uploadRequestSchema.safeParse({ batch: [] }).success).toBe(false)
    expect(uploadRequestSchema.safeParse({ batch: [{ ...operation, op: 'MOVE' }] }).success).toBe(
      false,
    )
    expect(uploadRequestSchema.safeParse({ batch: [operation], force: true }).success).toBe(false)
  })
})
