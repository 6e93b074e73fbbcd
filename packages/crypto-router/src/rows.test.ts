import { drawNonces, loadCrypto } from '@sealbook/crypto'
import { entityOf, localColumns } from '@sealbook/schema'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  encodeLocalRow,
  openRow,
  sealRow,
  type LocalValue,
  type LocalValues,
  type TwinValue,
  type TwinValues,
} from './rows.ts'
import { shapeOf, shapes, type RowShape } from './shapes.ts'
import { newWorkspaceKeys, otherPersonId, personId, workspaceId } from './testing/device.ts'
import { rowId } from './testing/ledger-rows.ts'

beforeAll(() => loadCrypto())

const maxSafe = 2n ** 53n - 1n
const decimal = /^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,9})?$/
const text = fc.string({ unit: 'binary', maxLength: 300 })

function anyValues(shape: RowShape): fc.Arbitrary<LocalValues> {
  const cells: Record<string, fc.Arbitrary<LocalValue>> = {}
  for (const { name, sealedAs } of shape.columns) {
    if (name === 'workspace_id') cells[name] = fc.constant(workspaceId)
    else if (sealedAs === 'integer') {
      cells[name] = fc.option(fc.bigInt({ min: -maxSafe, max: maxSafe }))
    } else if (sealedAs === 'decimal') cells[name] = fc.option(fc.stringMatching(decimal))
    else if (sealedAs === 'text') cells[name] = fc.option(text)
    else cells[name] = fc.oneof(fc.constant(null), text, fc.maxSafeInteger())
  }
  return fc.record(cells)
}

const anyRow = fc
  .constantFrom(...shapes)
  .chain((shape) => fc.record({ shape: fc.constant(shape), values: anyValues(shape) }))

function seal(
  shape: RowShape,
  values: LocalValues,
  extra: TwinValues | null = null,
  authorId: string | null = personId,
) {
  const keys = newWorkspaceKeys(workspaceId)
  const nonces = drawNonces(shape.sealedCount)
  const revision = { revision: 3, authorId }
  const sealed = sealRow(shape, keys.byVersion.get(1)!, rowId(1), values, revision, nonces, extra)
  const stored: Record<string, TwinValue> = {
    revision: 3,
    author_id: authorId,
    seal: sealed.seal,
  }
  shape.columns.forEach(({ name }, index) => (stored[name] = sealed.cells[index] ?? null))
  return { keys, stored }
}

describe('a row', () => {
  it('opens to exactly what was sealed, in every table', () => {
    fc.assert(
      fc.property(anyRow, ({ shape, values }) => {
        const { keys, stored } = seal(shape, values)
        const opened = openRow(shape, keys, rowId(1), stored)
        expect(opened).toMatchObject({
          ok: true,
          value: { revision: 3, authorId: personId, extra: null },
        })
        if (opened.ok) expect(opened.value.values).toEqual(values)
      }),
    )
  })

  it('refuses any cell that was changed, taken away or added', () => {
    fc.assert(
      fc.property(
        anyRow,
        fc.nat(),
        fc.constantFrom('x', 1, null),
        ({ shape, values }, pick, put) => {
          const { keys, stored } = seal(shape, values)
          const name = shape.columns[pick % shape.columns.length]!.name
          if (name === 'workspace_id') return
          fc.pre((stored[name] ?? null) !== put)
          expect(openRow(shape, keys, rowId(1), { ...stored, [name]: put }).ok).toBe(false)
        },
      ),
    )
  })

  it('seals a null like any value, but for the columns that are null on the server too', () => {
    for (const shape of shapes) {
      const { stored } = seal(shape, { workspace_id: workspaceId })
      for (const { name, sealedAs } of shape.columns) {
        if (sealedAs === null) continue
        const { nullable } = localColumns(entityOf(shape.table))[name]!
        expect(stored[name] === null, `${shape.table}.${name}`).toBe(nullable)
      }
    }
  })

  it('opens as an older client sealed it, without the columns that came later', () => {
    const shape = shapeOf('transactions')
    const values = { workspace_id: workspaceId, amount: -5n, payee: 'Old' }
    const { keys, stored } = seal(shape, values, null, null)
    const { tags, original_rate, parent_id, author_id, ...older } = stored
    expect([tags, original_rate, parent_id, author_id]).toEqual([null, null, null, null])
    const opened = openRow(shape, keys, rowId(1), older)
    expect(opened).toMatchObject({
      ok: true,
      value: { values: { ...values, tags: null }, authorId: null },
    })
    const envelope = stored['payee'] ?? null
    expect(openRow(shape, keys, rowId(1), { ...older, tags: envelope }).ok).toBe(false)
  })

  it('names who made the revision, and no other', () => {
    const shape = shapeOf('accounts')
    const values = { workspace_id: workspaceId, name: 'Mine' }
    // An older client kept the author of the revision before among what it did not know.
    const { keys, stored } = seal(shape, values, { author_id: otherPersonId })
    expect(openRow(shape, keys, rowId(1), stored)).toMatchObject({
      ok: true,
      value: { authorId: personId, extra: null },
    })
    for (const author of [otherPersonId, null]) {
      const forged = { ...stored, author_id: author, stored_at: 7 }
      expect(openRow(shape, keys, rowId(1), forged).ok).toBe(false)
    }
  })

  it('keeps what a newer client sealed in columns that are not known here', () => {
    const shape = shapeOf('accounts')
    const values = { workspace_id: workspaceId, name: 'Old and new' }
    const extra = { loan_id: rowId(5), grace: 4 }
    const { keys, stored } = seal(shape, values, extra)
    const newer = openRow(shape, keys, rowId(1), { ...stored, ...extra })
    expect(newer).toMatchObject({ ok: true, value: { extra } })
    expect(openRow(shape, keys, rowId(1), { ...stored, ...extra, grace: 5 }).ok).toBe(false)
    expect(openRow(shape, keys, rowId(1), stored).ok).toBe(false)
  })

  it('is not disturbed by columns that only the server keeps', () => {
    const shape = shapeOf('accounts')
    const { keys, stored } = seal(shape, { workspace_id: workspaceId, name: 'Plain' })
    const opened = openRow(shape, keys, rowId(1), { ...stored, stored_at: 7 })
    expect(opened).toMatchObject({ ok: true, value: { extra: null } })
  })

  it('refuses to seal a value that a column cannot hold', () => {
    const shape = shapeOf('transactions')
    expect(() => seal(shape, { workspace_id: workspaceId, amount: 'text' })).toThrow(TypeError)
    expect(() => seal(shape, { workspace_id: workspaceId, created_at: 2n ** 60n })).toThrow(
      RangeError,
    )
    expect(() => seal(shape, { workspace_id: workspaceId, created_at: 0.5 })).toThrow(TypeError)
  })

  it('is written as JSON text with every digit of its integers', () => {
    const json = encodeLocalRow(shapeOf('transactions'), { amount: -maxSafe, payee: 'a"b' })
    expect(json).toContain(`"amount":-9007199254740991,"payee":"a\\"b"`)
  })

  it('is what JSON has for the same values', () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
    const cell = fc.oneof(fc.constant(null), fc.maxSafeInteger(), fc.string({ unit }))
    const shape = shapeOf('transactions')
    const cells = Object.fromEntries(shape.columns.map(({ name }) => [name, cell]))
    fc.assert(
      fc.property(fc.record(cells), (values) => {
        expect(encodeLocalRow(shape, values)).toBe(JSON.stringify(values))
      }),
    )
  })
})
