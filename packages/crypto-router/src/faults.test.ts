import { loadCrypto, type WorkspaceKeys } from '@sealbook/crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readConflicts } from './conflicts.ts'
import { readRowFaults } from './faults.ts'
import { readOwed } from './owed.ts'
import {
  DeviceLab,
  newWorkspaceKeys,
  otherWorkspaceId,
  workspaceId,
  type Device,
} from './testing/device.ts'
import { count, dumpTable, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer, type ServerRow } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())

const twin = 'transactions_encrypt'
const target = rowId(1)
const neighbour = rowId(2)

interface Scene {
  readonly server: MiniServer
  readonly a: Device
  readonly b: Device
  readonly old: ServerRow
  readonly current: ServerRow
}

/** Two devices agree on two rows, of which the first is at its second revision. */
async function scene(): Promise<Scene> {
  const server = new MiniServer()
  const keys = [newWorkspaceKeys(workspaceId)]
  const a = await lab.open({ server, keys })
  const b = await lab.open({ server, keys })
  await insertTransaction(a.db, target, { payee: 'First', amount: 100n })
  await insertTransaction(a.db, neighbour, { payee: 'Neighbour', amount: 999n })
  await a.settle()
  const old = server.row(twin, target)!
  await a.db.execute(`UPDATE transactions SET payee = 'Second' WHERE id = ?`, [target])
  await a.settle()
  await b.settle()
  return { server, a, b, old, current: server.row(twin, target)! }
}

type Tamper = (current: ServerRow, old: ServerRow, neighbourRow: ServerRow) => ServerRow

const tamperings: [string, Tamper, string][] = [
  ['a changed date', (row) => ({ ...row, occurred_on: '2020-01-01' }), 'not-authentic'],
  ['another category', (row) => ({ ...row, category_id: rowId(77) }), 'not-authentic'],
  [
    'an amount of another row',
    (row, _, other) => ({ ...row, amount: other['amount'] ?? null }),
    'not-authentic',
  ],
  ['a whole other row', (_row, _old, other) => other, 'not-authentic'],
  [
    'a field of an older revision',
    (row, old) => ({ ...row, payee: old['payee'] ?? null }),
    'not-authentic',
  ],
  ['a field taken away', (row) => ({ ...row, note: null }), 'not-authentic'],
  ['a raised revision', (row) => ({ ...row, revision: 9 }), 'not-authentic'],
  [
    'a seal of another row',
    (row, _, other) => ({ ...row, seal: other['seal'] ?? null }),
    'not-authentic',
  ],
  ['no seal', (row) => ({ ...row, seal: null }), 'malformed'],
  ['no revision', (row) => ({ ...row, revision: null }), 'malformed'],
  ['no workspace', (row) => ({ ...row, workspace_id: null }), 'malformed'],
  ['a fraction', (row) => ({ ...row, created_at: 0.5 }), 'malformed'],
  ['the row as it was before', (_row, old) => old, 'rolled-back'],
]

describe('a row that was altered on the server', () => {
  let shared: Scene
  beforeAll(async () => {
    shared = await scene()
  })
  afterAll(() => lab.close())

  it.each(tamperings)('is refused on both devices: %s', async (_, tamper, reason) => {
    const { server, a, b, old, current } = shared
    const before = await dumpTable(b.db, 'transactions')
    const uploads = server.uploads.length
    server.set(twin, target, tamper(current, old, server.row(twin, neighbour)!))
    for (const device of [a, b]) {
      await device.settle()
      expect(await readRowFaults(device.db)).toMatchObject([
        { table: 'transactions', id: target, state: 'tampered', reason, localChangeWaits: false },
      ])
      expect(await dumpTable(device.db, 'transactions')).toEqual(before)
    }
    server.set(twin, target, current)
    for (const device of [a, b]) {
      await device.settle()
      expect(await readRowFaults(device.db)).toEqual([])
      expect(await dumpTable(device.db, 'transactions')).toEqual(before)
    }
    expect(server.uploads).toHaveLength(uploads)
  })
})

/** The value with the byte at `at` replaced: a header of it names another version, form or key. */
function withByte(value: ServerRow[string] | undefined, at: number, byte: number): string {
  const bytes = Buffer.from(String(value), 'base64url')
  bytes[at] = byte
  return bytes.toString('base64url')
}

/** Headers that name what this app does not know. Nothing has proved them yet when they are read. */
const headers: [string, Tamper, string][] = [
  [
    'the seal’s version',
    (row) => ({ ...row, seal: withByte(row['seal'], 0, 9) }),
    'stale-key unsupported-version',
  ],
  [
    'the seal’s key',
    (row) => ({ ...row, seal: withByte(row['seal'], 4, 9) }),
    'stale-key missing-dek',
  ],
  [
    'an envelope’s version',
    (row) => ({ ...row, amount: withByte(row['amount'], 0, 9) }),
    'tampered not-authentic',
  ],
  [
    'an envelope’s algorithm',
    (row) => ({ ...row, amount: withByte(row['amount'], 1, 9) }),
    'tampered not-authentic',
  ],
  [
    'an envelope’s key',
    (row) => ({ ...row, amount: withByte(row['amount'], 5, 9) }),
    'tampered not-authentic',
  ],
]

describe('a row whose header was altered on the server', () => {
  let shared: Scene
  beforeAll(async () => {
    shared = await scene()
  })
  afterAll(() => lab.close())

  it.each(headers)('is not used, and what was good is kept: %s', async (_, tamper, finding) => {
    const { server, a, b, old, current } = shared
    const before = await dumpTable(b.db, 'transactions')
    const uploads = server.uploads.length
    server.set(twin, target, tamper(current, old, current))
    for (const device of [a, b]) {
      await device.settle()
      const faults = await readRowFaults(device.db)
      expect(faults.map(({ state, reason }) => `${state} ${reason}`)).toEqual([finding])
      expect(await dumpTable(device.db, 'transactions')).toEqual(before)
    }
    server.set(twin, target, current)
    for (const device of [a, b]) {
      await device.settle()
      expect(await readRowFaults(device.db)).toEqual([])
      expect(await dumpTable(device.db, 'transactions')).toEqual(before)
    }
    expect(server.uploads).toHaveLength(uploads)
  })
})

describe('a row that does not verify', () => {
  afterEach(() => lab.close())

  it('is found out although the server sends the seal that the device knows', async () => {
    const { server, a, current } = await scene()
    server.set(twin, target, { ...current, status: 'pending' })
    await a.settle()
    expect(await readRowFaults(a.db)).toHaveLength(1)
    // Sending the same again changes nothing, and the sound row mends it.
    server.set(twin, target, { ...current, status: 'pending' })
    await a.settle()
    expect(await readRowFaults(a.db)).toHaveLength(1)
    server.set(twin, target, current)
    await a.settle()
    expect(await readRowFaults(a.db)).toEqual([])
  })

  it('cannot come back at a revision from before its delete', async () => {
    const { server, a, b, old, current } = await scene()
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [target])
    await a.settle()
    await b.settle()
    for (const served of [old, current]) {
      server.set(twin, target, served)
      for (const device of [a, b]) {
        await device.settle()
        expect(await readOwed(device.db, 9)).toMatchObject([{ kind: 'returned', id: target }])
        expect(await count(device.db, 'transactions')).toBe(1)
      }
    }
  })

  it('does not stop other rows, and keeps a local change until the row is sound', async () => {
    const { server, b, current } = await scene()
    server.set(twin, target, { ...current, status: 'pending' })
    await b.settle()
    const uploads = server.uploads.length
    await b.db.execute(`UPDATE transactions SET payee = 'Mine' WHERE id = ?`, [target])
    await b.db.execute(`UPDATE transactions SET payee = 'Other' WHERE id = ?`, [neighbour])
    await b.settle()
    expect(server.uploads.slice(uploads).map(({ id }) => id)).toEqual([neighbour])
    expect(await readRowFaults(b.db)).toMatchObject([{ id: target, localChangeWaits: true }])
    expect(await b.db.get('SELECT payee FROM transactions WHERE id = ?', [target])).toEqual({
      payee: 'Mine',
    })
    server.set(twin, target, current)
    await b.settle()
    expect(await readRowFaults(b.db)).toEqual([])
    // It is sound again and as it was: the change was made on nothing else.
    expect(await readConflicts(b.db)).toEqual([])
    await b.settle()
    expect(server.uploads.at(-1)).toMatchObject({ id: target, op: 'PATCH', previousRevision: 2 })
    expect(await b.db.get('SELECT payee FROM transactions WHERE id = ?', [target])).toEqual({
      payee: 'Mine',
    })
  })

  it('is forgotten when the server deletes it', async () => {
    const { server, b, current } = await scene()
    server.set(twin, target, { ...current, status: 'pending' })
    await b.settle()
    server.set(twin, target, null)
    await b.settle()
    expect(await readRowFaults(b.db)).toEqual([])
    expect(await count(b.db, 'transactions')).toBe(1)
  })
})

describe('a row without its key', () => {
  afterEach(() => lab.close())

  it('waits as locked without blocking others or spinning', async () => {
    const server = new MiniServer()
    const own = newWorkspaceKeys(workspaceId)
    const other = newWorkspaceKeys(otherWorkspaceId)
    const a = await lab.open({ server, keys: [own, other] })
    const b = await lab.open({ server, keys: [own] })
    await insertTransaction(a.db, rowId(1), { workspace: otherWorkspaceId })
    await insertTransaction(a.db, rowId(2))
    await a.settle()
    await b.settle()
    expect(await readRowFaults(b.db)).toMatchObject([{ id: rowId(1), state: 'locked' }])
    expect(await count(b.db, 'transactions')).toBe(1)
    let transactions = 0
    const idle = lab.takeOver(b, { onProgress: () => transactions++ })
    await idle.drain()
    await idle.drain()
    expect(transactions).toBe(0)
    b.keys.set(otherWorkspaceId, other)
    await idle.drain()
    expect(await readRowFaults(b.db)).toEqual([])
    expect(await count(b.db, 'transactions')).toBe(2)
  })

  it('waits as stale-key until a wake finds the newer key', async () => {
    const server = new MiniServer()
    const first = newWorkspaceKeys(workspaceId)
    const second = newWorkspaceKeys(workspaceId, 2)
    const both: WorkspaceKeys = {
      workspaceId,
      current: 2,
      byVersion: new Map([...first.byVersion, ...second.byVersion]),
    }
    const a = await lab.open({ server, keys: [both] })
    const b = await lab.open({ server, keys: [first] })
    await insertTransaction(a.db, rowId(1))
    await a.settle()
    b.router.start()
    await b.link.sync()
    await expect
      .poll(() => readRowFaults(b.db), { timeout: 20_000 })
      .toMatchObject([{ state: 'stale-key', reason: 'missing-dek' }])
    b.keys.set(workspaceId, both)
    b.router.wake()
    await expect.poll(() => count(b.db, 'transactions'), { timeout: 20_000 }).toBe(1)
    expect(await readRowFaults(b.db)).toEqual([])
  })
})

describe('a local row that cannot be sealed', () => {
  afterEach(() => lab.close())

  it('waits, is told of and blocks no other', async () => {
    const server = new MiniServer()
    const a = await lab.open({ server, keys: [newWorkspaceKeys(workspaceId)] })
    await a.db.execute(`INSERT INTO transactions(id, amount) VALUES (?, 1)`, [rowId(1)])
    await insertTransaction(a.db, rowId(2))
    await a.settle()
    expect(server.uploads.map(({ id }) => id)).toEqual([rowId(2)])
    expect(await readRowFaults(a.db)).toMatchObject([{ id: rowId(1), state: 'unsealable' }])
    expect(a.errors).toHaveLength(1)
    await a.db.execute('UPDATE transactions SET workspace_id = ? WHERE id = ?', [
      workspaceId,
      rowId(1),
    ])
    await a.settle()
    expect(await readRowFaults(a.db)).toEqual([])
    expect(server.uploads).toHaveLength(2)
  })
})

describe('a row that comes twice before it is opened, as one of two buckets does', () => {
  it('is found out when it was tampered with, and sound again when it is put right', async () => {
    const { server, a, current } = await scene()
    const tampered = { ...current, occurred_on: '2020-01-01' }
    const deliverTwice = async (row: ServerRow) => {
      for (let time = 0; time < 2; time++) {
        server.set(twin, target, row)
        await a.link.download()
      }
      await a.router.drain()
    }
    await deliverTwice(tampered)
    expect(await readRowFaults(a.db)).toMatchObject([{ id: target, state: 'tampered' }])
    await deliverTwice(current)
    expect(await readRowFaults(a.db)).toEqual([])
  })
})
