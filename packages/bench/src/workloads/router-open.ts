import {
  deriveRowKeys,
  drawNonces,
  generateDataKey,
  loadCrypto,
  type WorkspaceKeys,
} from '@sealbook/crypto'
import {
  createCryptoRouter,
  encodeLocalRow,
  installRouter,
  sealRow,
  shapeOf,
} from '@sealbook/crypto-router'
import { rowChecker } from '@sealbook/ledger'
import { entityOf, localColumns } from '@sealbook/schema'
import { randomUUID } from 'node:crypto'
import { v7 } from 'uuid'
import { alternate, type BenchResult, type Workload } from '../measure.ts'
import { openDevice, type Device } from '../sync/device.ts'

const rowCount = 50_000
const rounds = 5
const maxRatio = 1.6
/** As the router does it: rows a statement, rows a transaction. */
const statementRows = 1_000
const transactionRows = 10_000
const shape = shapeOf('transactions')
const twinStore = `ps_data__${shape.twin}`
const localStore = `ps_data_local__${shape.table}`

/** As the app has every row checked. */
const rules = rowChecker('transactions', localColumns(entityOf('transactions')))

/** A row as JSON text, by its id. */
type Documents = readonly (readonly [id: string, json: string])[]

/** The router alone, without sync: sealed rows into the plaintext tables. */
export const routerOpenWorkload: Workload = {
  names: ['router.open'],
  run: async () => {
    await loadCrypto()
    const workspaceId = randomUUID()
    const rowKeys = deriveRowKeys(generateDataKey(), workspaceId, 1)
    const keys = { workspaceId, current: 1, byVersion: new Map([[1, rowKeys]]) }
    const { sealed, plain } = makeRows(keys)
    const measured = await alternate(
      rounds,
      () => measureOn((device) => openSealed(device, sealed, keys)),
      () => measureOn((device) => Promise.resolve(() => insertAll(device, localStore, plain))),
    )
    return [toResult(measured.ours, measured.reference)]
  },
}

/** Milliseconds that the work takes on a new device that was prepared for it. */
async function measureOn(
  prepare: (device: Device) => Promise<() => Promise<void>>,
): Promise<number> {
  const device = await openDevice()
  const work = await prepare(device)
  const start = performance.now()
  await work()
  const took = performance.now() - start
  const [found] = await device.db.getAll<{ rows: number }>(
    `SELECT count(*) AS rows FROM ${shape.table}`,
  )
  if (found?.rows !== rowCount) throw new Error(`${found?.rows} rows were opened`)
  await device.close()
  return took
}

/** Twins that are there before the router is installed are noted as if they had just arrived. */
async function openSealed(
  device: Device,
  sealed: Documents,
  keys: WorkspaceKeys,
): Promise<() => Promise<void>> {
  await insertAll(device, twinStore, sealed)
  await installRouter(device.db)
  const router = createCryptoRouter({
    db: device.db,
    keys: { get: () => keys },
    checkRow: (_, row) => rules.checkRow(row).map(({ column }) => column),
    authorId: personId,
    // As in the app while nobody else wants the database.
    isAwaited: () => Promise.resolve(false),
    now: () => Date.now(),
    onError: (error) => {
      throw error
    },
  })
  return async () => {
    await router.drain()
  }
}

async function insertAll(device: Device, store: string, rows: Documents): Promise<void> {
  for (let start = 0; start < rows.length; start += transactionRows) {
    await device.db.writeTransaction(async (tx) => {
      for (let at = start; at < start + transactionRows; at += statementRows) {
        const chunk = rows.slice(at, at + statementRows)
        const documents = `[${chunk.map(([id, json]) => `["${id}",${json}]`).join(',')}]`
        await tx.execute(
          `INSERT INTO ${store}(id, data) SELECT value ->> 0, value -> 1 FROM json_each(?)`,
          [documents],
        )
      }
    })
  }
}

const personId = randomUUID()

function makeRows(keys: WorkspaceKeys): { sealed: Documents; plain: Documents } {
  const rowKeys = keys.byVersion.get(keys.current)
  if (rowKeys === undefined) throw new Error('the keys lack their current version')
  const accountId = randomUUID()
  const sealed: [string, string][] = []
  const plain: [string, string][] = []
  for (let row = 0; row < rowCount; row++) {
    const id = v7()
    const at = 1_700_000_000_000 + row
    const values = {
      workspace_id: keys.workspaceId,
      account_id: accountId,
      kind: 'expense',
      occurred_on: new Date(at - row * 3_600_000).toISOString().slice(0, 10),
      status: 'cleared',
      amount: BigInt(-1 - ((row * 7_919) % 25_000)),
      payee: `Payee ${row % 500}`,
      note: row % 10 === 0 ? 'Paid in cash, receipt in the box' : '',
      created_at: at,
      updated_at: at,
    }
    const nonces = drawNonces(shape.sealedCount)
    const version = { revision: 1, authorId: personId }
    const { cells, seal } = sealRow(shape, rowKeys, id, values, version, nonces)
    const columns = shape.columns.map(({ name }, index) => [name, cells[index] ?? null])
    const own = { revision: 1, seal, author_id: personId }
    sealed.push([id, JSON.stringify({ ...Object.fromEntries(columns), ...own })])
    plain.push([id, encodeLocalRow(shape, values)])
  }
  return { sealed, plain }
}

function toResult(ours: number, reference: number): BenchResult {
  const ratio = ours / reference
  const goal = `ratio <= ${maxRatio}`
  return { name: 'router.open', unit: 'ms', ours, reference, ratio, goal, holds: ratio <= maxRatio }
}
