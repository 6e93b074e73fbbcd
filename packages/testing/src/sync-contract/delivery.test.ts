import { randomUUID } from 'node:crypto'
import type { AbstractPowerSyncDatabase } from '@powersync/node'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest'
import type { SyncClient } from './client.ts'
import { createEngineProcess } from './engine-process.ts'
import { addPerson, addWorkspace } from './people.ts'
import { openSuite, type Suite } from './suite.ts'
import { truncatedTable, valuesTable } from './tables.ts'
import { isEmbedded } from './target.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let suite: Suite
let person: string
let workspace: string

beforeAll(async () => {
  suite = await openSuite()
})
afterAll(() => suite.close())
beforeEach(async () => {
  person = await addPerson(suite.pool)
  workspace = await addWorkspace(suite.pool, person)
})
afterEach(() => suite.closeClients())

async function addRows(count: number): Promise<void> {
  await suite.pool.query(
    `INSERT INTO contract_truncated
       SELECT gen_random_uuid(), $1, n || repeat('ž', 200) FROM generate_series(1, $2::int) n`,
    [workspace, count],
  )
}

const untilSame = (client: SyncClient) => suite.untilSame(client, [truncatedTable])

function expectNothingTwice(client: SyncClient): void {
  const { repeatedOps, restarts, generations } = suite.gateway.log(client.clientId)
  expect({ repeatedOps, restarts, generations: generations.size }).toEqual({
    repeatedOps: 0,
    restarts: 0,
    generations: 1,
  })
}

describe('delivery', () => {
  it('goes on where the client was after it was away', async () => {
    await addRows(500)
    const client = await suite.open(person)
    await untilSame(client)
    await client.db.disconnect()
    await addRows(20)
    const before = suite.gateway.log(client.clientId).ops
    await client.connect()
    await untilSame(client)
    expect(suite.gateway.log(client.clientId).ops - before).toBe(20)
    expectNothingTwice(client)
  })

  it('goes on in the middle of a download that is cut again and again', async () => {
    await addRows(12_000)
    const cut = await suite.open(person, {
      onOpened: (clientId) => {
        suite.gateway.treatment(clientId).cutAfterDataLines = 1
      },
    })
    for (const lines of [0, 2, 1]) {
      await suite.gateway.untilCut(cut.clientId)
      suite.gateway.treatment(cut.clientId).cutAfterDataLines = lines
    }
    await suite.gateway.untilCut(cut.clientId)
    await untilSame(cut)
    const log = suite.gateway.log(cut.clientId)
    expect(log.connections).toBeGreaterThanOrEqual(5)
    expectNothingTwice(cut)
  })

  it.runIf(isEmbedded)('costs nothing when the engine is restarted or killed', async () => {
    const { engine } = suite.target
    await addRows(500)
    const client = await suite.open(person)
    await untilSame(client)
    for (const end of ['stop', 'kill'] as const) {
      const before = suite.gateway.log(client.clientId).ops
      await engine?.[end]()
      await addRows(3)
      await engine?.start()
      await untilSame(client)
      expect(suite.gateway.log(client.clientId).ops - before).toBe(3)
    }
    expectNothingTwice(client)
  })

  it('recovers from operations that were damaged on the way', async () => {
    await addRows(700)
    let damaged = 0
    const client = await suite.open(person, {
      onOpened: (clientId) => {
        const treatment = suite.gateway.treatment(clientId)
        treatment.accept = 'application/x-ndjson'
        treatment.alter = ({ bytes, line }) => {
          if (damaged > 0 || !line['data']) return null
          damaged += 1
          return Buffer.from(
            bytes.toString('utf8').replace(/"checksum":(\d+)/, (_, sum) => {
              return `"checksum":${(Number(sum) + 1) % 2 ** 32}`
            }),
          )
        }
      },
    })
    await untilSame(client)
    expect(damaged).toBe(1)
    await addRows(5)
    await untilSame(client)
  })

  it('recovers from a checksum that went wrong on the device', async () => {
    await addRows(700)
    const client = await suite.open(person)
    await untilSame(client)
    const before = suite.gateway.log(client.clientId).restarts
    await client.db.disconnect()
    await client.db.execute(
      `UPDATE ps_buckets SET op_checksum = op_checksum + 1 WHERE name LIKE '%contract_by_workspace%'`,
    )
    await client.connect()
    await addRows(5)
    await untilSame(client)
    // Found out, and downloaded anew.
    expect(suite.gateway.log(client.clientId).restarts).toBeGreaterThan(before)
  })

  it.each([
    ['BSON', 'application/vnd.powersync.bson-stream', 'application/vnd.powersync.bson-stream'],
    ['JSON lines', 'application/x-ndjson', 'application/x-ndjson'],
  ])('speaks %s', async (_, accept, contentType) => {
    await addRows(300)
    const client = await suite.open(person, {
      onOpened: (clientId) => {
        suite.gateway.treatment(clientId).accept = accept
      },
    })
    await untilSame(client)
    const [answer] = suite.gateway.answers(client.clientId)
    expect(answer?.contentType).toContain(contentType)
    expect(answer?.contentEncoding).toBeNull()
  })

  it('compresses for a client that is far away and offers gzip', async () => {
    await addRows(300)
    const client = await suite.open(person, {
      onOpened: (clientId) => {
        suite.gateway.treatment(clientId).isRemote = true
      },
    })
    await untilSame(client)
    const [answer] = suite.gateway.answers(client.clientId)
    expect(answer?.contentEncoding).toBe('gzip')
    await addRows(1)
    await untilSame(client) // live changes are not held back by the compressor
  })

  it('never says too early that a client’s own write has come back', async () => {
    const written = new Set<string>()
    const missing: string[] = []
    let uploading = 0
    const held = async (db: AbstractPowerSyncDatabase) =>
      new Set((await db.getAll<{ id: string }>('SELECT id FROM contract_values')).map((r) => r.id))
    const client = await suite.open(person, {
      async onCheckpoint(db) {
        const expected = [...written]
        const rows = await held(db)
        missing.push(...expected.filter((id) => !rows.has(id)))
      },
      async upload(db) {
        uploading += 1
        try {
          const transaction = await db.getNextCrudTransaction()
          if (!transaction) return
          for (const { id, opData } of transaction.crud) {
            await suite.pool.query(
              'INSERT INTO contract_values (id, workspace_id, words) VALUES ($1, $2, $3)',
              [id, workspace, String(opData?.['words'])],
            )
            // Checkpoints pass between the upload and the write checkpoint.
            await addRows(1)
          }
          await transaction.complete()
          await addRows(1)
        } finally {
          uploading -= 1
        }
      },
    })
    /** The queue is empty before the last upload has ended, and that one still adds a row. */
    const hasUploaded = async () =>
      (await client.db.getUploadQueueStats()).count === 0 && uploading === 0
    await untilSame(client)
    for (let n = 0; n < 40; n++) {
      const id = randomUUID()
      await client.db.execute(
        'INSERT INTO contract_values (id, workspace_id, words) VALUES (?, ?, ?)',
        [id, workspace, `own ${n}`],
      )
      written.add(id)
      await addRows(1)
      if (n % 10 === 9) {
        await client.until(hasUploaded)
      }
    }
    await client.until(hasUploaded)
    await suite.untilSame(client, [valuesTable, truncatedTable])
    expect(written.size).toBe(40)
    expect(missing).toEqual([])
  })

  it('can be taken over by another engine, and given back', async () => {
    const { target, gateway } = suite
    await addRows(300)
    const client = await suite.open(person)
    await untilSame(client)
    const second = await createEngineProcess({
      databaseUrl: target.databaseUrl,
      key: target.key,
      schemaName: 'sealbook_contract_second',
    })
    // Not in a `finally`: what fails here must not hide why the test failed.
    onTestFinished(async () => {
      gateway.switchTo(target.url)
      await second.dispose()
      await dropEngine('sealbook_contract_second')
    })
    await second.start()
    gateway.switchTo(second.url)
    await addRows(3)
    await untilSame(client)
    await suite.pool.query(`DELETE FROM contract_truncated WHERE workspace_id = $1`, [workspace])
    await addRows(2)
    gateway.switchTo(target.url)
    await addRows(2)
    await untilSame(client)
    expect(gateway.log(client.clientId).generations.size).toBe(2)
  })

  /** The state and slots of an engine that has ended; there are none if it never started. */
  async function dropEngine(schemaName: string): Promise<void> {
    const active = async () => {
      const { rowCount } = await suite.pool.query(
        `SELECT FROM pg_replication_slots
          WHERE database = current_database() AND slot_name LIKE $1 AND active`,
        [`${schemaName}%`],
      )
      return rowCount
    }
    // Postgres gives a slot back a moment after its reader has gone.
    await expect.poll(active, { timeout: 20_000 }).toBe(0)
    await suite.pool.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE database = current_database() AND slot_name LIKE '${schemaName}%';
       DROP SCHEMA IF EXISTS ${schemaName} CASCADE`,
    )
  }
})
