import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import { addMember, generateNotes, sourceSql } from './fixture/source.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let database: TestDatabase
let host: Host
let clients: Client[]
/** Set: the next stream stands still after its first data, until this is called. */
let hold: { release: (() => void) | null } | null
const user = randomUUID()
const workspace = randomUUID()

beforeEach(async () => {
  clients = []
  hold = null
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  await addMember(database.pool, workspace, user)
  await generateNotes(database.pool, workspace, 3_000)
  host = await startHost({
    databaseUrl: database.url,
    engine: { compaction: { minDeadOps: 100, sliceOps: 200 } },
    onResponse: holdBack,
  })
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await host.close()
  await database.drop()
})

/** A client that stops reading: writes say that the buffer is full, and no drain follows. */
function holdBack(res: ServerResponse): void {
  const held = hold
  if (!held) return
  hold = null
  const write = res.write.bind(res) as (chunk: Buffer) => boolean
  let lines = 0
  res.write = ((chunk: Buffer) => {
    lines += 1
    if (lines < 3) return write(chunk) // the checkpoint and the first data
    held.release = () => {
      res.write = write as typeof res.write
      write(chunk)
      res.emit('drain')
    }
    return false
  }) as typeof res.write
}

async function open(): Promise<Client> {
  const client = await openClient({ host, userId: user, pool: database.pool })
  clients.push(client)
  await client.connect()
  return client
}

async function expected(): Promise<string[]> {
  const { rows } = await database.pool.query<{ note: string }>(
    `SELECT id || ' ' || title AS note FROM notes ORDER BY id`,
  )
  return rows.map((row) => row.note)
}

async function expectSame(client: Client): Promise<void> {
  const notes = await expected()
  await client.until((found) => summary(found).join() === notes.join())
}

const summary = (notes: Record<string, unknown>[]) =>
  notes.map((row) => `${String(row['id'])} ${String(row['title'])}`)

async function countOps(where: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM sealbook_sync.${where}`,
  )
  return rows[0]?.count ?? 0
}

const isCompacted = { timeout: 60_000, interval: 100 }

describe('compaction, as real clients see it', () => {
  it('suits clients mid-download, far behind, up to date and fresh, and lasts', async () => {
    const current = await open()
    const behind = await open()
    await current.until((notes) => notes.length === 3_000)
    await behind.until((notes) => notes.length === 3_000)
    await behind.db.disconnect()
    const stop = { release: null as (() => void) | null }
    hold = stop
    const downloading = await openClient({ host, userId: user, pool: database.pool })
    clients.push(downloading)
    const connected = downloading.connect()
    await expect.poll(() => stop.release, { timeout: 30_000 }).not.toBeNull()
    expect(await downloading.notes()).toEqual([])

    for (const round of [1, 2, 3]) {
      await database.pool.query(`UPDATE notes SET title = $1 || title`, [String(round)])
    }
    await database.pool.query('DELETE FROM notes WHERE amount % 6 = 0')
    await expectSame(current)
    // Everything superseded is younger than what the slow client downloads.
    expect(await countOps(`bucket_ops WHERE op IN ('MOVE', 'CLEAR')`)).toBe(0)
    expect(await countOps('superseded_ops')).toBe(9_500)

    stop.release?.()
    await connected
    await expectSame(downloading)
    await expect.poll(() => countOps('superseded_ops'), isCompacted).toBe(0)
    // 12,500 before. Now one CLEAR, 2,500 rows, and among and after them 500 rows that are gone.
    await expect.poll(() => countOps('bucket_ops'), isCompacted).toBeLessThan(3_510)
    expect(await countOps(`bucket_ops WHERE op = 'CLEAR'`)).toBe(1)

    await behind.connect()
    await expectSame(behind)
    const sent = host.opsSent
    const fresh = await open()
    await expectSame(fresh)
    expect(host.opsSent - sent).toBeLessThan(3_510)

    await host.stopEngine()
    const sentBefore = host.opsSent
    await host.startEngine()
    await database.pool.query(`UPDATE notes SET title = 'last' WHERE amount % 1000 = 1`)
    for (const client of clients) await expectSame(client)
    expect(host.opsSent - sentBefore).toBe(3 * clients.length)
    await expectSame(await open())
  })

  it('puts cold rows anew when they keep too much from being cleared', async () => {
    await host.stopEngine()
    const compaction = { minDeadOps: 100, minStuckOps: 1_000, stuckOpsPerRow: 1, sliceOps: 500 }
    await host.startEngine({ engine: { compaction } })
    const current = await open()
    await current.until((notes) => notes.length === 3_000)
    for (let round = 0; round < 20; round++) {
      await database.pool.query(`UPDATE notes SET title = $1 WHERE amount > 2700`, [String(round)])
    }
    await expectSame(current)
    await expect
      .poll(() => countOps(`bucket_ops WHERE op <> 'PUT'`), isCompacted)
      .toBeLessThanOrEqual(3_001)
    // The next edits find the rows where they are now.
    await database.pool.query(`UPDATE notes SET title = 'new' WHERE amount < 2000`)
    await expectSame(current)
    await host.stopEngine()
    await host.startEngine()
    await database.pool.query(`DELETE FROM notes WHERE amount % 3 = 0`)
    await expectSame(current)
    await expectSame(await open())
    expect(await current.notes()).toHaveLength(2_000)
  })
})
