import type pg from 'pg'
import { openSyncClient, type SyncClient, type SyncClientOptions } from './client.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { difference, heldRows, visibleRows } from './rows.ts'
import { buildContractSchema, comparedTables, type SyncedTable } from './tables.ts'
import { openTarget, type Target } from './target.ts'

/** What a test file works with: the engine under test, a gateway before it, its clients. */
export interface Suite {
  readonly target: Target
  readonly gateway: Gateway
  readonly pool: pg.Pool
  /** A client that is connected, through the gateway. */
  open(userId: string, options?: Partial<SyncClientOptions>): Promise<SyncClient>
  /** Waits until the client holds exactly what Postgres says now, and nothing that it may not. */
  untilSame(client: SyncClient, tables?: readonly SyncedTable[]): Promise<void>
  closeClients(): Promise<void>
  close(): Promise<void>
}

/** @param seed fills the database before the embedded engine takes its first snapshot of it. */
export async function openSuite(seed?: (pool: pg.Pool) => Promise<void>): Promise<Suite> {
  return openSuiteOn(await openTarget(seed))
}

/** The same on an engine that runs already; closes it at the end. */
export async function openSuiteOn(target: Target): Promise<Suite> {
  const gateway = await startGateway(target.url)
  const { pool, key } = target
  const schema = buildContractSchema()
  const clients = new Set<SyncClient>()
  const closeClients = async () => {
    for (const client of clients) await client.close()
    clients.clear()
  }
  return {
    target,
    gateway,
    pool,
    async open(userId, options = {}) {
      const client = await openSyncClient({
        schema,
        url: gateway.url,
        userId,
        token: (user, lifetimeSeconds) => key.token(user, lifetimeSeconds),
        ...options,
      })
      clients.add(client)
      await client.connect()
      return client
    },
    async untilSame(client, tables = comparedTables) {
      const expected = await visibleRows(pool, client.userId, tables)
      const compare = async () => difference(expected, await heldRows(client.db, tables))
      await client.until(
        async () => client.db.currentStatus.hasSynced === true && (await compare()).length === 0,
        async () => (await compare()).join('\n'),
      )
    },
    closeClients,
    async close() {
      await closeClients()
      await gateway.close()
      await target.close()
    },
  }
}
