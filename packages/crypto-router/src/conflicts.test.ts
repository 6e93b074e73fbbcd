import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { countConflicts, readConflicts, resolveConflict } from './conflicts.ts'
import { readRowFaults } from './faults.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId, type Device } from './testing/device.ts'
import { count, dumpTable, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

const id = rowId(1)
const mineAmount = 9_007_199_254_740_991n

async function agreedDevices(): Promise<{ a: Device; b: Device; server: MiniServer }> {
  const server = new MiniServer()
  const keys = [newWorkspaceKeys(workspaceId)]
  const a = await lab.open({ server, keys })
  const b = await lab.open({ server, keys })
  await insertTransaction(a.db, id, { payee: 'Base', amount: mineAmount })
  await a.settle()
  await b.settle()
  return { server, a, b }
}

/** B writes and does not seal yet; A's change arrives. */
async function clash(mine: string, theirs: string) {
  const devices = await agreedDevices()
  const { a, b } = devices
  await a.db.execute(theirs)
  await a.settle()
  await b.db.execute(mine)
  await b.link.sync()
  const uploads = devices.server.uploads.length
  await b.settle()
  expect(devices.server.uploads).toHaveLength(uploads)
  return devices
}

const edit = (payee: string) => `UPDATE transactions SET payee = '${payee}'`
const remove = 'DELETE FROM transactions'
const payees = (device: Device) => device.db.getAll('SELECT payee FROM transactions')

describe('a row changed on both sides', () => {
  it('shows theirs, keeps mine, and uploads neither by itself', async () => {
    const { b } = await clash(edit('Mine'), edit('Theirs'))
    expect(await payees(b)).toEqual([{ payee: 'Theirs' }])
    const conflicts = await readConflicts(b.db)
    expect(conflicts).toMatchObject([{ table: 'transactions', id, workspaceId }])
    expect(conflicts[0]?.mine).toContain(`"amount":${mineAmount},"payee":"Mine"`)
    expect(conflicts[0]?.theirs).toContain('"payee":"Theirs"')
  })

  it('writes mine on top of theirs when the person says so, exact to the last digit', async () => {
    const { a, b } = await clash(edit('Mine'), edit('Theirs'))
    await resolveConflict(b.db, 'transactions', id, 'mine')
    expect(await countConflicts(b.db)).toBe(0)
    await b.settle()
    await a.settle()
    expect(await payees(a)).toEqual([{ payee: 'Mine' }])
    const [row] = await dumpTable(a.db, 'transactions')
    expect(row?.['amount']).toBe(mineAmount.toString())
    expect(await dumpTable(a.db, 'transactions')).toEqual(await dumpTable(b.db, 'transactions'))
  })

  it('leaves theirs when the person says so', async () => {
    const { b, server } = await clash(edit('Mine'), edit('Theirs'))
    const uploads = server.uploads.length
    await resolveConflict(b.db, 'transactions', id, 'theirs')
    await b.settle()
    expect(await countConflicts(b.db)).toBe(0)
    expect(await payees(b)).toEqual([{ payee: 'Theirs' }])
    expect(server.uploads).toHaveLength(uploads)
  })

  it('keeps an edit of a row that was deleted elsewhere, and can bring it back', async () => {
    const { a, b } = await clash(edit('Mine'), remove)
    expect(await payees(b)).toEqual([])
    expect(await readConflicts(b.db)).toMatchObject([{ theirs: null }])
    await resolveConflict(b.db, 'transactions', id, 'mine')
    await b.settle()
    await a.settle()
    expect(await payees(a)).toEqual([{ payee: 'Mine' }])
    expect(await readRowFaults(a.db)).toEqual([])
  })

  it('keeps a delete of a row that was edited elsewhere, and can do it again', async () => {
    const { a, b } = await clash(remove, edit('Theirs'))
    expect(await payees(b)).toEqual([{ payee: 'Theirs' }])
    expect(await readConflicts(b.db)).toMatchObject([{ mine: null }])
    await resolveConflict(b.db, 'transactions', id, 'mine')
    await b.settle()
    await a.settle()
    expect(await count(a.db, 'transactions')).toBe(0)
  })

  it.each([
    ['the same edit', edit('Same'), edit('Same')],
    ['a delete on both sides', remove, remove],
  ])('is no conflict after %s', async (_, mine, theirs) => {
    const { a, b } = await clash(mine, theirs)
    expect(await readConflicts(b.db)).toEqual([])
    expect(await dumpTable(b.db, 'transactions')).toEqual(await dumpTable(a.db, 'transactions'))
  })

  it('keeps both of two conflicts of one row', async () => {
    const { a, b } = await clash(edit('Mine 1'), edit('Theirs 1'))
    await a.db.execute(edit('Theirs 2'))
    await a.settle()
    await b.db.execute(edit('Mine 2'))
    await b.link.sync()
    await b.settle()
    const mine = (await readConflicts(b.db)).map((conflict) => conflict.mine)
    expect(mine[0]).toContain('Mine 2')
    expect(mine[1]).toContain('Mine 1')
  })

  it('opens the stored row after sealed edits were refused, whatever their revision', async () => {
    const { a, b } = await agreedDevices()
    await a.db.execute(edit('Theirs'))
    await a.settle()
    for (const payee of ['Mine', 'Mine again', 'Mine still']) {
      await b.db.execute(edit(payee))
      await b.router.drain()
    }
    await b.link.uploadRefused()
    await b.settle()
    expect(await payees(b)).toEqual([{ payee: 'Theirs' }])
    expect(await readRowFaults(b.db)).toEqual([])
  })

  it('brings a row back whose delete was refused', async () => {
    const { a, b } = await agreedDevices()
    await b.db.execute(remove)
    await b.router.drain()
    await b.link.uploadRefused()
    await b.settle()
    expect(await dumpTable(b.db, 'transactions')).toEqual(await dumpTable(a.db, 'transactions'))
    expect(await count(b.db, 'transactions')).toBe(1)
  })
})
