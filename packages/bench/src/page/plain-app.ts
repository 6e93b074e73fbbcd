import {
  column,
  PowerSyncDatabase,
  Schema,
  Table,
  WASQLiteVFS,
  type PowerSyncBackendConnector,
} from '@powersync/web'

/** The columns and indexes of the app's transactions, without encryption. */
const transactions = new Table(
  {
    workspace_id: column.text,
    account_id: column.text,
    category_id: column.text,
    kind: column.text,
    occurred_on: column.text,
    status: column.text,
    amount: column.integer,
    payee: column.text,
    note: column.text,
    created_at: column.integer,
    updated_at: column.integer,
  },
  {
    indexes: {
      by_day: ['workspace_id', 'occurred_on', 'created_at'],
      by_account: ['workspace_id', 'account_id', 'occurred_on'],
      by_category: ['workspace_id', 'category_id', 'occurred_on'],
    },
  },
)

/** As the app opens its database, but for the cipher. */
export async function open(): Promise<PowerSyncDatabase> {
  const db = new PowerSyncDatabase({
    schema: new Schema({ transactions }),
    database: {
      dbFilename: `${crypto.randomUUID()}.db`,
      vfs: WASQLiteVFS.OPFSCoopSyncVFS,
      worker: '/worker/worker.js',
      ssrMode: false,
      preparedStatementsCache: 200,
    },
    sync: { worker: '/worker/worker.js' },
  })
  await db.init()
  return db
}

/** Nothing is uploaded. */
export function connectorTo(endpoint: string, token: string): PowerSyncBackendConnector {
  return {
    fetchCredentials: () => Promise.resolve({ endpoint, token }),
    uploadData: () => Promise.resolve(),
  }
}

/** Shows the newest 50 in the page, live, for as long as the page is there. */
export function showNewest(db: PowerSyncDatabase): void {
  const list = document.createElement('ul')
  document.body.append(list)
  db.watchWithCallback(
    `SELECT id, occurred_on, payee, note, amount FROM transactions WHERE workspace_id = 'plain'
     ORDER BY occurred_on DESC, created_at DESC, id DESC LIMIT 50`,
    [],
    {
      onResult: (result) => {
        const rows = (result.rows?._array ?? []) as Record<string, string>[]
        list.replaceChildren(
          ...rows.map((row) => {
            const item = document.createElement('li')
            item.textContent = `${row['occurred_on']} ${row['payee']} ${row['note']} ${row['amount']}`
            return item
          }),
        )
      },
    },
    { throttleMs: 1 },
  )
}
export { timeWrites } from './write-to-rendered.ts'
export { watchMainThread } from './main-thread.ts'
export { untilRowsAreHere } from './rows-here.ts'
