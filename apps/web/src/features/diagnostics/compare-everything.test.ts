import type { PowerSyncDatabase } from '@powersync/node'
import { deriveRowKeys, generateDataKey, loadCrypto, type WorkspaceKeys } from '@sealbook/crypto'
import { createCryptoRouter } from '@sealbook/crypto-router'
import {
  digestColumns,
  inDigestOrder,
  sliceOf,
  TableDigester,
  type TwinCell,
} from '@sealbook/schema/digest'
import { entityOf } from '@sealbook/schema'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../data/api-client.ts'
import type { Inspection, WorkspaceId } from '../../data/session-types.ts'
import { openTestDatabase } from '../../data/testing.ts'
import { compareEverything } from './compare-everything.ts'

const workspaceId = '11111111-1111-4111-8111-111111111111' as string as WorkspaceId
const count = 600
/** All of one moment, so that they begin alike; more than one page of the server's in slice `ab`. */
const ids = Array.from({ length: count }, (_, number) => {
  const slice = number < 420 ? 'ab' : (number % 16).toString(16).padStart(2, '0')
  return `0193a1b2-c3d4-7000-8000-${number.toString(16).padStart(10, '0')}${slice}`
})

type Row = Readonly<Record<string, TwinCell>> & { readonly id: string }

describe('compareEverything', () => {
  let db: PowerSyncDatabase
  let workspace: WorkspaceKeys
  const asked: string[] = []
  /** What the server says of a page of rows instead of where the next one begins. */
  let falseNext: string | undefined
  const server = new Map<string, Row>()

  beforeEach(async () => {
    await loadCrypto()
    const rowKeys = deriveRowKeys(generateDataKey(), workspaceId, 1)
    workspace = { workspaceId, current: 1, byVersion: new Map([[1, rowKeys]]) }
    db = await openTestDatabase()
    await insert(ids)
    // Everything is uploaded.
    const sealed = await db.getAll<{ id: string; data: string }>(
      'SELECT id, data FROM ps_data__transactions_encrypt',
    )
    server.clear()
    for (const { id, data } of sealed) server.set(id, { ...(JSON.parse(data) as Row), id })
    await db.execute('DELETE FROM ps_crud')
    asked.length = 0
    falseNext = undefined
  })
  afterEach(() => db.close())

  /** Rows as a faulty device may have them too: not through the app's own gate. */
  const insert = async (given: readonly string[]) => {
    await db.execute(
      `INSERT INTO transactions (id, workspace_id, created_at, updated_at, account_id, kind,
        occurred_on, status, amount, payee)
        SELECT value, ?, 1700000000000, 1700000000000, ?, 'expense', '2026-11-22', 'cleared', -5,
          'Corner shop' FROM json_each(?)`,
      [workspaceId, ids[0], JSON.stringify(given)],
    )
    const router = createCryptoRouter({
      db,
      keys: { get: () => workspace },
      authorId: workspaceId,
      now: () => 1_700_000_000_000,
    })
    await router.drain()
    await router.stop()
  }
  const compare = async () => {
    const get: ApiClient['get'] = async (path) => {
      const answered = await answer(server, path, asked)
      if (falseNext === undefined || !answered.ok || !path.includes('slice=')) return answered
      return { ok: true, value: { ...(answered.value as object), next: falseNext } }
    }
    const api = { get }
    const keys = { get: () => workspace }
    const inspection = { db, workspaceId, keys, api } as unknown as Inspection
    const { tables, failure } = await compareEverything(inspection, {
      signal: new AbortController().signal,
      onProgress: () => undefined,
    })
    const { differing, ...table } = tables.find((each) => each.table === 'transactions')!
    const found = differing.map(({ sides, verdict }) => [sides.id, verdict.kind])
    return { failure, found, ...table }
  }
  const askedSlices = () => asked.flatMap((path) => /slice=(..)/.exec(path)?.[1] ?? [])

  it('finds nothing where device and server agree, and fetches no row', async () => {
    const { deviceDigest, serverDigest, ...rest } = await compare()
    expect(rest).toMatchObject({ failure: null, found: [], twinRows: count, serverRows: count })
    expect(serverDigest).toBe(deviceDigest)
    expect(asked.filter((path) => path.includes('rows?'))).toEqual([])
  })

  it('finds what differs, and fetches only the slices that it is in', async () => {
    const [lost, changed, extra] = [ids[100]!, ids[432]!, `${ids[599]!.slice(0, -2)}cd`]
    server.delete(lost)
    server.set(changed, { ...server.get(changed)!, occurred_on: '2020-01-01' })
    server.set(extra, { ...server.get(changed)!, id: extra })
    const { failure, found, hasMore } = await compare()
    expect({ failure, hasMore }).toEqual({ failure: null, hasMore: false })
    expect(found).toEqual([
      [lost, 'server-missing'],
      [changed, 'server-differs'],
      [extra, 'device-missing'],
    ])
    expect(askedSlices()).toEqual([changed, lost, lost, lost, extra].map(sliceOf))
  })

  it.each([ids[0]!, ids[419]!, 'ffffffff-ffff-4fff-8fff-ffffffffffab'])(
    'ends where pages of rows do not, and then does not say that the server has the same (%s)',
    async (next) => {
      server.delete(ids[100]!)
      falseNext = next
      const { failure, found, serverRows, serverDigest } = await compare()
      expect(failure).not.toBeNull()
      expect({ found, serverRows, serverDigest }).toEqual({
        found: [],
        serverRows: null,
        serverDigest: null,
      })
      expect(askedSlices().length).toBeLessThan(5)
    },
  )

  it('ends with every difference where a faulty device has ids that are no UUIDs', async () => {
    const faulty = ['A', 'AB', '0', 'x,y&slice=00', 'paid \u{1F4B6}', ids[0]!.toUpperCase()]
    await insert(faulty)
    await db.execute('DELETE FROM ps_crud')
    server.delete(ids[100]!)
    const { failure, found } = await compare()
    expect(failure).toBeNull()
    expect(found).toEqual([...faulty, ids[100]!].sort().map((id) => [id, 'server-missing']))
  })
})

/** As apps/server/src/features/compare answers. */
async function answer(
  stored: ReadonlyMap<string, Row>,
  path: string,
  asked: string[],
): ReturnType<ApiClient['get']> {
  asked.push(path)
  const { pathname, searchParams } = new URL(path, 'http://server')
  const [table, what] = pathname.split('/').slice(-2)
  const rows = table === 'transactions' ? [...stored.values()].sort(inDigestOrder) : []
  const given = (name: string) => searchParams.get(name) ?? ''
  if (what === 'digests') {
    const digester = new TableDigester(digestColumns(entityOf('transactions')))
    for (const row of rows) {
      if (sliceOf(row.id) >= given('from') && sliceOf(row.id) <= given('to')) digester.add(row)
    }
    return { ok: true, value: { slices: await digester.finish() } }
  }
  const refused = { kind: 'refused', status: 400, code: 'invalid-request' } as const
  if (searchParams.has('ids')) {
    const named = given('ids').split(',')
    if (!named.every((id) => /^[0-9a-f-]{36}$/.test(id))) return { ok: false, error: refused }
    const value = { rows: rows.filter(({ id }) => named.includes(id)), deleted: [], next: null }
    return { ok: true, value }
  }
  if (!/^[0-9a-f]{2}$/.test(given('slice'))) return { ok: false, error: refused }
  const rest = rows.filter(({ id }) => sliceOf(id) === given('slice') && id > given('after'))
  const page = rest.slice(0, 200)
  const next = rest.length > page.length ? page.at(-1)!.id : null
  return { ok: true, value: { rows: page, deleted: [], next } }
}
