import { entityOf } from '@sealbook/schema'
import {
  digestColumns,
  inDigestOrder,
  sliceOf,
  TableDigester,
  type TwinCell,
} from '@sealbook/schema/digest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accountRow,
  put,
  remove,
  signUpWithWorkspace,
  transactionRow,
  upload,
  type TestRow,
} from '../../../test/rows.ts'
import { startTestApp, type Person, type TestApp } from '../../../test/test-app.ts'

const columns = digestColumns(entityOf('transactions'))
const all = `columns=${columns.join(',')}&from=00&to=ff`

interface Digests {
  slices: { slice: string; rows: number; digest: string }[]
}
interface Rows {
  rows: Record<string, TwinCell>[]
  deleted: { id: string; revision: number }[]
  next: string | null
}

describe('comparing', () => {
  let test: TestApp
  let person: Person
  let workspaceId: string
  let account: TestRow
  const rows: TestRow[] = []
  beforeAll(async () => {
    test = await startTestApp()
    ;({ person, workspaceId } = await signUpWithWorkspace(test.app))
    account = accountRow(workspaceId)
    for (let number = 0; number < 450; number++) {
      const row = transactionRow(workspaceId, account.id)
      // More than one page in one slice, and some elsewhere; all ids of one moment.
      const slice = number < 420 ? 'ab' : (number - 420).toString(16).padStart(2, '0')
      rows.push({ ...row, id: `0193a1b2-c3d4-7${row.id.slice(15, -2)}${slice}` })
    }
    const batch = [
      put('accounts_encrypt', account),
      ...rows.map((row) => put('transactions_encrypt', row)),
    ]
    expect((await upload(person, batch)).errors).toEqual([])
  })
  afterAll(() => test.close())

  const ask = async <T>(path: string, who: Person = person, table = 'transactions') => {
    const response = await who.get(`/api/workspaces/${workspaceId}/tables/${table}/${path}`)
    return { status: response.statusCode, body: response.json<T>() }
  }

  it('gives the digests that a device computes over the same rows', async () => {
    const { body } = await ask<Digests>(`digests?${all}`)
    expect(body.slices).toEqual(await deviceDigests(columns, rows))
    expect(body.slices).toHaveLength(31)
  })

  it('takes slices in parts', async () => {
    const whole = (await ask<Digests>(`digests?${all}`)).body.slices
    const parts = []
    for (const [from, to] of [
      ['00', 'aa'],
      ['ab', 'ab'],
      ['ac', 'ff'],
    ]) {
      const part = `digests?columns=${columns.join(',')}&from=${from}&to=${to}`
      parts.push(...(await ask<Digests>(part)).body.slices)
    }
    expect(parts).toEqual(whole)
  })

  it('changes the digest of its slice when any column changes, past the API too', async () => {
    const before = (await ask<Digests>(`digests?${all}`)).body.slices
    const changed = rows[0]!
    await test.database.pool.query(
      `UPDATE transactions_encrypt SET occurred_on = '2026-03-01' WHERE id = $1`,
      [changed.id],
    )
    const after = (await ask<Digests>(`digests?${all}`)).body.slices
    expect(after.filter((slice, at) => slice.digest !== before[at]?.digest)).toMatchObject([
      { slice: 'ab', rows: 420 },
    ])
    await test.database.pool.query(
      `UPDATE transactions_encrypt SET occurred_on = '2026-02-28' WHERE id = $1`,
      [changed.id],
    )
    expect((await ask<Digests>(`digests?${all}`)).body.slices).toEqual(before)
  })

  it('covers only columns that the asker knows, and never one that the request made up', async () => {
    const known = await ask<Digests>('digests?columns=id,revision&from=ab&to=ab')
    const inSlice = rows.filter(({ id }) => sliceOf(id) === 'ab')
    const expected = await deviceDigests(['id', 'revision'], inSlice)
    expect(known.body.slices).toEqual(expected)
    const madeUp = encodeURIComponent("id,revision,x'; DROP TABLE deleted_rows; --")
    expect((await ask(`digests?columns=${madeUp}&from=ab&to=ab`)).body).toEqual(known.body)
  })

  it('hands out a slice page by page', async () => {
    const seen: string[] = []
    let after = ''
    for (let page = 0; page < 3; page++) {
      const { body } = await ask<Rows>(`rows?slice=ab${after}`)
      seen.push(...body.rows.map(({ id }) => String(id)))
      after = `&after=${body.next}`
      expect(body.next === null).toBe(page === 2)
    }
    const expected = rows.map(({ id }) => id).filter((id) => sliceOf(id) === 'ab')
    expect(seen).toEqual(expected.sort())
  })

  it('hands out single rows as they are stored, and says which were deleted', async () => {
    const [kept, gone] = rows.slice(-2) as [TestRow, TestRow]
    await upload(person, [remove('transactions_encrypt', gone)])
    const { body } = await ask<Rows>(`rows?ids=${kept.id},${gone.id}`)
    expect(body.rows).toEqual([
      {
        ...kept.data,
        id: kept.id,
        ...Object.fromEntries(unusedColumns.map((column) => [column, null])),
      },
    ])
    expect(body.deleted).toEqual([{ id: gone.id, revision: 2 }])
  })

  it('shows nothing to others, of other workspaces and of tables that do not sync', async () => {
    const { person: other, workspaceId: theirs } = await signUpWithWorkspace(test.app)
    expect((await ask(`digests?${all}`, other)).status).toBe(404)
    expect((await ask(`rows?ids=${rows[0]!.id}`, other)).status).toBe(404)
    expect((await ask(`digests?${all}`, person, 'key_slots')).status).toBe(404)
    // An id of another workspace is not found in one's own.
    const path = `/api/workspaces/${theirs}/tables/transactions/rows?ids=${rows[0]!.id}`
    expect((await other.get(path)).json()).toEqual({ rows: [], deleted: [], next: null })
  })

  it.each([
    'rows',
    'rows?slice=zz',
    'rows?slice=AB',
    'rows?ids=1',
    'rows?ids=',
    `rows?slice=ab&ids=${'0'.repeat(8)}-0000-4000-8000-000000000000`,
    'digests?columns=id&from=00',
    'digests?columns=id&from=g0&to=ff',
  ])('refuses %s', async (path) => {
    expect(await ask(path)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid-request' } },
    })
  })
})

function deviceDigests(covered: readonly string[], rows: readonly TestRow[]) {
  const device = new TableDigester(covered)
  for (const { id, data } of rows.toSorted(inDigestOrder)) {
    device.add({ ...(data as Record<string, TwinCell>), id })
  }
  return device.finish()
}

const unusedColumns = [
  ...['transfer_id', 'parent_id', 'loan_id', 'debt_id', 'schedule_id', 'tags'],
  ...['import_reference', 'original_amount', 'original_currency', 'original_rate'],
]
