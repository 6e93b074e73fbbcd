import { loadCrypto } from '@sealbook/crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readConflicts } from '../conflicts.ts'
import { putTwin, removeTwin } from '../layout.ts'
import { shapeOf } from '../shapes.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId, type Device } from '../testing/device.ts'
import { insertMany, insertTransaction, rowId } from '../testing/ledger-rows.ts'
import { MiniServer, type ServerRow } from '../testing/mini-server.ts'
import { repairRow, type Repair } from './repair.ts'
import { findIds, readQueued, readSides } from './sides.ts'
import { judge, type ServerSide, type Verdict } from './verdict.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())
afterAll(() => lab.close())

const shape = shapeOf('transactions')
const id = rowId(1)

interface Scene {
  readonly server: MiniServer
  readonly device: Device
  /** At its first revision, and as it is. */
  readonly old: ServerRow
  readonly current: ServerRow
}

/** A device and a server that agree on one row at its second revision. */
async function scene(): Promise<Scene> {
  const server = new MiniServer()
  const device = await lab.open({ server, keys: [newWorkspaceKeys(workspaceId)] })
  await insertTransaction(device.db, id, { payee: 'First', amount: 100n })
  await device.settle()
  const old = server.row(shape.twin, id)!
  await device.db.execute(`UPDATE transactions SET payee = 'Second', updated_at = ? WHERE id = ?`, [
    1_700_000_000_500,
    id,
  ])
  await device.settle()
  return { server, device, old, current: server.row(shape.twin, id)! }
}

/** Writes to plaintext tables as a fault would: nothing notices. */
async function unnoticed(device: Device, sql: string): Promise<void> {
  await device.db.writeTransaction(async (tx) => {
    await tx.execute('UPDATE router_control SET mute = 1')
    await tx.execute(sql)
    await tx.execute('UPDATE router_control SET mute = 0')
  })
}

const serverSide = (server: MiniServer, deletedRevision: number | null = null): ServerSide => ({
  row: server.row(shape.twin, id) ?? null,
  deletedRevision,
})

async function verdictOf(device: Device, server?: ServerSide): Promise<Verdict> {
  const [sides] = await readSides(device.db, shape, [id])
  const queued = (await readQueued(device.db, shape, [id])).get(id) ?? []
  return judge(sides!, device.keys, server === undefined ? undefined : { queued, server })
}

async function repair(device: Device, server?: ServerSide): Promise<Repair> {
  const input = { table: shape.table, id, keys: device.keys, server, now: 0 }
  return device.db.writeTransaction((tx) => repairRow(tx, input))
}

const payee = async (device: Device) =>
  (
    await device.db.getOptional<{ payee: string }>('SELECT payee FROM transactions WHERE id = ?', [
      id,
    ])
  )?.payee

/** Until everything is routed and in step; then nothing may differ. */
async function expectSound({ device, server }: Scene): Promise<void> {
  await device.settle()
  await device.settle()
  expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'same' })
}

describe('a row', () => {
  it('is the same on every side once it is synced', async () => {
    await expectSound(await scene())
  })

  it('is on its way, not different, from a local change until the server has it', async () => {
    const { device, server } = await scene()
    await device.db.execute(`UPDATE transactions SET payee = 'Third' WHERE id = ?`, [id])
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'waits-to-seal' })
    await device.router.drain()
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'waits-to-upload' })
    expect((await readQueued(device.db, shape, [id])).get(id)).toEqual([
      { op: 'PATCH', revision: 3 },
    ])
    await device.link.sync()
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'same' })
  })

  it('is on its way while it was received and not opened', async () => {
    const { device, server, old } = await scene()
    const other = await lab.open({ server, keys: [...device.keys.values()] })
    await other.link.download()
    const [sides] = await readSides(other.db, shape, [id])
    expect(judge(sides!, other.keys)).toMatchObject({ kind: 'waits-to-open' })
    expect(old).toBeDefined()
  })

  it('is found by the beginning of its id', async () => {
    const { device } = await scene()
    await insertMany(device.db, 3, 2)
    expect(await findIds(device.db, shape, 'aaaaaaaa', 2)).toEqual([rowId(1), rowId(2)])
    expect(await findIds(device.db, shape, id, 5)).toEqual([id])
    expect(await findIds(device.db, shape, 'b', 5)).toEqual([])
  })
})

describe('repair', () => {
  it('brings back a plaintext row that was lost', async () => {
    const all = await scene()
    const { device, server } = all
    await unnoticed(device, `DELETE FROM transactions WHERE id = '${id}'`)
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'plaintext-missing' })
    expect(await repair(device)).toEqual({ did: 'opened-again', keptInInbox: false })
    await expectSound(all)
    expect(await payee(device)).toBe('Second')
  })

  it('opens a row again whose plaintext differs, and keeps what was there', async () => {
    const all = await scene()
    const { device, server } = all
    await unnoticed(device, `UPDATE transactions SET payee = 'Wrong' WHERE id = '${id}'`)
    expect(await verdictOf(device, serverSide(server))).toMatchObject({
      kind: 'plaintext-differs',
      column: 'payee',
    })
    expect(await repair(device)).toEqual({ did: 'opened-again', keptInInbox: true })
    await expectSound(all)
    expect(await payee(device)).toBe('Second')
    const [kept] = await readConflicts(device.db)
    expect(kept?.mine).toMatchObject({ payee: 'Wrong' })
  })

  it('seals an edit that was never noticed', async () => {
    const all = await scene()
    const { device, server } = all
    await unnoticed(
      device,
      `UPDATE transactions SET payee = 'Mine', updated_at = 1700000001000 WHERE id = '${id}'`,
    )
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'plaintext-differs' })
    expect(await repair(device)).toEqual({ did: 'sealed-again' })
    await expectSound(all)
    expect(await payee(device)).toBe('Mine')
    expect(server.row(shape.twin, id)).toMatchObject({ revision: 3 })
  })

  it('seals a row that was never sealed', async () => {
    const all = await scene()
    const { device } = all
    const fresh = rowId(2)
    await device.db.writeTransaction(async (tx) => {
      await tx.execute('UPDATE router_control SET mute = 1')
      await insertTransaction(tx, fresh)
      await tx.execute('UPDATE router_control SET mute = 0')
    })
    const [sides] = await readSides(device.db, shape, [fresh])
    expect(judge(sides!, device.keys)).toMatchObject({ kind: 'twin-missing' })
    const input = { table: shape.table, id: fresh, keys: device.keys, server: undefined, now: 0 }
    expect(await device.db.writeTransaction((tx) => repairRow(tx, input))).toEqual({
      did: 'sealed-again',
    })
    await expectSound(all)
    expect(all.server.row(shape.twin, fresh)).toMatchObject({ revision: 1 })
  })

  it('fetches a twin again that is not what was sealed', async () => {
    const all = await scene()
    const { device, server, current } = all
    await device.db.writeTransaction((tx) =>
      putTwin(tx, shape, id, { ...current, occurred_on: '2020-01-01' }),
    )
    expect(await verdictOf(device, serverSide(server))).toEqual({
      kind: 'twin-tampered',
      column: 'occurred_on',
      reason: 'not-authentic',
    })
    expect(await repair(device)).toEqual({ did: 'left', why: 'needs-server' })
    expect(await repair(device, serverSide(server))).toEqual({
      did: 'fetched-again',
      keptInInbox: false,
    })
    await expectSound(all)
    expect(await readConflicts(device.db)).toEqual([])
  })

  it('catches up with the server where a download was lost, without a problem', async () => {
    const all = await scene()
    const { device, server } = all
    const other = await lab.open({ server, keys: [...device.keys.values()] })
    await other.settle()
    await other.db.execute(`UPDATE transactions SET payee = 'Theirs' WHERE id = ?`, [id])
    await other.settle()
    expect(await verdictOf(device, serverSide(server))).toEqual({
      kind: 'server-differs',
      column: 'payee',
      reason: null,
    })
    expect(await repair(device, serverSide(server))).toEqual({
      did: 'fetched-again',
      keptInInbox: false,
    })
    await device.router.drain()
    expect(await payee(device)).toBe('Theirs')
    await expectSound(all)
  })

  it('fetches a twin that is missing', async () => {
    const all = await scene()
    const { device, server } = all
    await unnoticed(device, `DELETE FROM transactions WHERE id = '${id}'`)
    await device.db.writeTransaction((tx) => removeTwin(tx, shape, id))
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'device-missing' })
    expect(await repair(device, serverSide(server))).toMatchObject({ did: 'fetched-again' })
    await expectSound(all)
    expect(await payee(device)).toBe('Second')
  })

  it('keeps an edit that never reached the server when it takes the server\u2019s row', async () => {
    const all = await scene()
    const { device, server } = all
    await device.db.execute(`UPDATE transactions SET payee = 'Unsent' WHERE id = ?`, [id])
    await device.router.drain()
    await device.db.execute('DELETE FROM ps_crud')
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'server-differs' })
    expect(await repair(device, serverSide(server))).toEqual({
      did: 'fetched-again',
      keptInInbox: true,
    })
    await device.router.drain()
    expect(await payee(device)).toBe('Second')
    const [kept] = await readConflicts(device.db)
    expect(kept?.mine).toMatchObject({ payee: 'Unsent' })
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'same' })
  })

  it('sends a row again that the server lost', async () => {
    const all = await scene()
    const { device, server } = all
    server.rows.delete(`${shape.twin}/${id}`)
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'server-missing' })
    expect(await repair(device, serverSide(server))).toEqual({ did: 'sent-again' })
    await expectSound(all)
    expect(server.row(shape.twin, id)).toMatchObject({ revision: 3 })
  })

  it('keeps a row that is said to be deleted and that sync still has, until sync removes it', async () => {
    const { device, server } = await scene()
    expect(await repair(device, { row: null, deletedRevision: 3 })).toEqual({
      did: 'left',
      why: 'not-deleted-by-sync',
    })
    await device.router.drain()
    expect(await payee(device)).toBe('Second')
    server.set(shape.twin, id, null)
    await device.link.sync()
    await device.router.drain()
    expect(await payee(device)).toBeUndefined()
  })

  it('removes a row that was deleted elsewhere under an edit that left the queue, and keeps the edit', async () => {
    const { device, server } = await scene()
    await device.db.execute(`UPDATE transactions SET payee = 'Unsent' WHERE id = ?`, [id])
    await device.router.drain()
    await device.db.execute('DELETE FROM ps_crud')
    server.rows.delete(`${shape.twin}/${id}`)
    const gone = serverSide(server, 3)
    expect(await repair(device, gone)).toEqual({ did: 'removed', keptInInbox: true })
    await device.router.drain()
    expect(await payee(device)).toBeUndefined()
    expect(await readConflicts(device.db)).toHaveLength(1)
  })

  it('never takes a row that no member sealed, nor an older one than before', async () => {
    const { device, server, old, current } = await scene()
    const changed = { row: { ...current, occurred_on: '2020-01-01' }, deletedRevision: null }
    expect(await verdictOf(device, changed)).toMatchObject({ column: 'occurred_on' })
    expect(await repair(device, changed)).toEqual({ did: 'left', why: 'server-row-does-not-open' })
    const back = { row: old, deletedRevision: null }
    expect(await repair(device, back)).toEqual({ did: 'left', why: 'server-went-back' })
    expect(await payee(device)).toBe('Second')
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'same' })
  })

  it('leaves alone what does not open on both sides, and what waits for its key', async () => {
    const { device, server, current } = await scene()
    server.set(shape.twin, id, { ...current, seal: current['seal']!.toString().replace(/.$/, '_') })
    await device.settle()
    expect(await verdictOf(device, serverSide(server))).toMatchObject({ kind: 'twin-tampered' })
    expect(await repair(device, serverSide(server))).toEqual({ did: 'left', why: 'does-not-open' })
    expect(await payee(device)).toBe('Second')
    device.keys.clear()
    expect(await repair(device, serverSide(server))).toEqual({ did: 'left', why: 'waits-for-key' })
  })

  it('does nothing to a row that is sound or on its way', async () => {
    const { device, server } = await scene()
    expect(await repair(device, serverSide(server))).toEqual({ did: 'nothing' })
    await device.db.execute(`UPDATE transactions SET payee = 'Third' WHERE id = ?`, [id])
    expect(await repair(device, serverSide(server))).toEqual({ did: 'nothing' })
    expect(await payee(device)).toBe('Third')
  })
})
