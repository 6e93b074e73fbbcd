import type { AbstractPowerSyncDatabase } from '@powersync/node'
import { UpdateType } from '@powersync/node'
import type pg from 'pg'
import type { SyncClient } from './client.ts'
import { inVersion, readVersion } from './clock.ts'
import { Observer } from './observer.ts'
import { difference, heldRows, visibleRows } from './rows.ts'
import type { Suite } from './suite.ts'
import { appTables } from './tables.ts'
import { insert, type World } from './world.ts'

/** One device under observation. It may be replaced by a new one of the same person. */
export interface Member {
  readonly person: string
  readonly observer: Observer
  client: SyncClient
  isConnected: boolean
}

/** The clients of a randomised run. */
export class Fleet {
  readonly members: Member[] = []
  readonly #suite: Suite
  /** Where uploads go; another one after Postgres was started anew. */
  readonly #pool: pg.Pool
  /** Checks of clients that were replaced since. */
  #checkedBefore = 0

  constructor(suite: Suite) {
    this.#suite = suite
    this.#pool = suite.pool
  }

  /** Checkpoints found right so far. */
  get checked(): number {
    const now = this.members.reduce((sum, { observer }) => sum + observer.checked, 0)
    return now + this.#checkedBefore
  }

  async add(person: string): Promise<void> {
    const observer = new Observer(this.#pool, person)
    const client = await this.#open(person, observer)
    this.members.push({ person, observer, client, isConnected: true })
  }

  async disconnect(member: Member): Promise<void> {
    await member.client.db.disconnect()
    member.isConnected = false
  }

  /** Does not wait until the server is reached: it may be away. */
  connect(member: Member): void {
    void member.client.connect()
    member.isConnected = true
  }

  /** The same person on a new device: everything is downloaded from the middle of the run. */
  async replace(member: Member): Promise<void> {
    await member.observer.check()
    await member.client.close()
    this.#checkedBefore += member.observer.checked
    const observer = new Observer(this.#pool, member.person)
    observer.version = member.observer.shown ?? 0n
    const client = await this.#open(member.person, observer)
    Object.assign(member, { observer, client, isConnected: true })
  }

  /** The client inserts an account itself, to be uploaded when it can be. */
  async write(member: Member, world: World): Promise<void> {
    const held = await member.client.db.getAll<{ workspace_id: string }>(
      'SELECT workspace_id FROM workspace_memberships ORDER BY workspace_id',
    )
    if (held.length === 0) return
    const row = world.accountRow(world.pick(held).workspace_id)
    const columns = Object.keys(row)
    const key = `accounts_encrypt/${row['id']}`
    // Known before it is done: a checkpoint may come in between.
    const write = { key, isWritten: false, committed: null }
    member.observer.ownWrites.set(key, write)
    await member.client.db.execute(
      `INSERT INTO accounts_encrypt (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      // A number would be bound as a float, and the client's queue prints a long one inexactly.
      Object.values(row).map((value) => (typeof value === 'number' ? BigInt(value) : value)),
    )
    write.isWritten = true
  }

  /** Checks every checkpoint observed so far. */
  async check(): Promise<void> {
    for (const { observer } of this.members) await observer.check()
  }

  /** Waits until every connected client holds exactly what Postgres says now. */
  async settle(): Promise<void> {
    for (const member of this.members.filter(({ isConnected }) => isConnected)) {
      const { client, person } = member
      const same = async () => {
        const expected = await visibleRows(this.#pool, person, appTables)
        return difference(expected, await heldRows(client.db, appTables))
      }
      const hasUploaded = async () => (await client.db.getUploadQueueStats()).count === 0
      await client.until(
        async () => (await hasUploaded()) && (await same()).length === 0,
        async () => {
          const { count } = await client.db.getUploadQueueStats()
          const uploads = `${count} uploads wait (${client.db.currentStatus.dataFlowStatus.uploadError?.message})`
          return [uploads, ...(await same())].join('\n')
        },
      )
    }
    await this.check()
  }

  /** Waits until the client shows the present version or a later one. */
  async catchUp({ client, observer }: Member): Promise<void> {
    const now = await readVersion(this.#pool)
    await client.until(
      () => Promise.resolve((observer.shown ?? 0n) >= now),
      () => Promise.resolve(`It shows ${observer.shown}, not ${now}`),
    )
  }

  #open(person: string, observer: Observer): Promise<SyncClient> {
    return this.#suite.open(person, {
      onCheckpoint: (db) => observer.observe(db),
      upload: (db) => this.#upload(db, observer),
    })
  }

  async #upload(db: AbstractPowerSyncDatabase, observer: Observer): Promise<void> {
    const transaction = await db.getNextCrudTransaction()
    if (!transaction) return
    const version = await inVersion(this.#pool, async (client) => {
      for (const { op, table, id, opData } of transaction.crud) {
        if (op !== UpdateType.PUT) throw new Error('Only inserts are uploaded here')
        await insert(client, table, { ...opData, id })
      }
    })
    for (const { table, id } of transaction.crud) {
      const write = observer.ownWrites.get(`${table}/${id}`)
      if (write) write.committed = version
    }
    await transaction.complete()
  }
}
