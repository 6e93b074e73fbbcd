import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { clearSyncedData } from './clear.ts'
import { readRowFaults } from './faults.ts'
import { readRouterProgress } from './journal.ts'
import { DeviceLab, newWorkspaceKeys, workspaceId, type Device } from './testing/device.ts'
import { dumpTable, insertAccount, insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'
import type { CheckRow } from './unruly.ts'

const lab = new DeviceLab()
beforeAll(loadCrypto)
afterEach(() => lab.close())

const most = 2n ** 53n
/** Stands for the app's rules: an amount beyond what is exact, and an empty payee. */
const checkRow: CheckRow = (table, values) => {
  if (table !== 'transactions') return []
  const { amount, payee } = values
  return [
    ...(typeof amount === 'bigint' && (amount >= most || amount <= -most) ? ['amount'] : []),
    ...(payee === '' ? ['payee'] : []),
  ]
}

/** A device whose app is faulty, and a second one whose app knows the rules. */
async function scene(): Promise<{ server: MiniServer; faulty: Device; device: Device }> {
  const server = new MiniServer()
  const keys = [newWorkspaceKeys(workspaceId)]
  const faulty = await lab.open({ server, keys })
  const device = await lab.open({ server, keys, checkRow })
  return { server, faulty, device }
}

const unruly = async ({ db }: Device) =>
  (await readRowFaults(db)).map(({ id, state, reason }) => `${id} ${state} ${reason}`)

describe('a row that breaks the rules of the app', () => {
  it('is shown as it is and noted, and nothing is uploaded for it', async () => {
    const { server, faulty, device } = await scene()
    await insertTransaction(faulty.db, rowId(1), { amount: 2n ** 63n - 1n, payee: '' })
    await insertTransaction(faulty.db, rowId(2))
    await insertAccount(faulty.db, rowId(3), '')
    await faulty.settle()
    await device.settle()
    expect(await unruly(device)).toEqual([`${rowId(1)} unruly amount payee`])
    expect(await unruly(faulty)).toEqual([])
    expect(await dumpTable(device.db, 'transactions')).toEqual(
      await dumpTable(faulty.db, 'transactions'),
    )
    const uploads = server.uploads.length
    const { opened, sealed } = device.router.totals()
    await device.settle()
    await device.settle()
    expect(device.router.totals()).toEqual({ opened, sealed })
    expect(server.uploads).toHaveLength(uploads)
    expect(await readRouterProgress(device.db)).toEqual({
      pendingSeal: 0,
      pendingOpen: 0,
      faulty: 1,
    })
  })

  it('is noted no longer once it is mended here, and not before', async () => {
    const { faulty, device } = await scene()
    await insertTransaction(faulty.db, rowId(1), { amount: -(2n ** 63n), payee: '' })
    await faulty.settle()
    await device.settle()
    await device.db.execute(`UPDATE transactions SET payee = 'Corner shop'`)
    await device.settle()
    expect(await unruly(device)).toEqual([`${rowId(1)} unruly amount`])
    await device.db.execute('UPDATE transactions SET amount = -1')
    await device.settle()
    expect(await unruly(device)).toEqual([])
    await faulty.settle()
    expect(await dumpTable(faulty.db, 'transactions')).toMatchObject([
      { payee: 'Corner shop', amount: '-1' },
    ])
  })

  it.each(['mended elsewhere', 'deleted elsewhere', 'deleted here'])(
    'is noted no longer once it is %s',
    async (how) => {
      const { faulty, device } = await scene()
      await insertTransaction(faulty.db, rowId(1), { amount: most })
      await faulty.settle()
      await device.settle()
      expect(await unruly(device)).toHaveLength(1)
      const { db } = how === 'deleted here' ? device : faulty
      await db.execute(
        how === 'mended elsewhere'
          ? 'UPDATE transactions SET amount = 1'
          : 'DELETE FROM transactions',
      )
      await faulty.settle()
      await device.settle()
      expect(await unruly(device)).toEqual([])
    },
  )

  it('is noted where it is written too, past the gate, and sealed all the same', async () => {
    const { server, device } = await scene()
    await insertTransaction(device.db, rowId(1), { amount: most })
    await device.settle()
    expect(await unruly(device)).toEqual([`${rowId(1)} unruly amount`])
    expect(server.uploads).toHaveLength(1)
  })

  it('is forgotten with everything that was synced', async () => {
    const { device } = await scene()
    await insertTransaction(device.db, rowId(1), { amount: most })
    await device.settle()
    await device.router.stop()
    await clearSyncedData(device.db)
    expect(await unruly(device)).toEqual([])
  })
})
