import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, type ClientOptions, openClient } from './fixture/client.ts'
import { type Host, startHost } from './fixture/host.ts'
import { addMember, generateNotes, insertNotes, note, sourceSql } from './fixture/source.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

let database: TestDatabase
let host: Host
let clients: Client[]
const user = randomUUID()
const workspace = randomUUID()

beforeEach(async () => {
  clients = []
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  await addMember(database.pool, workspace, user)
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await host.close()
  await database.drop()
})

async function open(options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await openClient({ host, userId: user, pool: database.pool, ...options })
  clients.push(client)
  await client.connect()
  return client
}

describe('sync engine', () => {
  it('sends what the snapshot holds', async () => {
    await generateNotes(database.pool, workspace, 3_000)
    await generateNotes(database.pool, randomUUID(), 100)
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    const notes = await client.notes()
    expect(notes).toHaveLength(3_000)
    expect(host.opsSent).toBe(3_001)
  })

  it('sends live inserts, updates and deletes', async () => {
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    const { id } = note(workspace)
    await insertNotes(database.pool, [note(workspace, { id, title: 'first' })])
    await client.until((notes) => notes[0]?.['title'] === 'first')
    await database.pool.query(`UPDATE notes SET title = 'second' WHERE id = $1`, [id])
    await client.until((notes) => notes[0]?.['title'] === 'second')
    await database.pool.query(`DELETE FROM notes WHERE id = $1`, [id])
    await client.until((notes) => notes.length === 0)
  })

  it('sends values as the PowerSync Service does', async () => {
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    const beyondDouble = 9_007_199_254_740_993n
    const full = note(workspace, {
      title: 'Žluťoučký kůň 🐎 "quoted" \\ line\nbreak',
      amount: beyondDouble,
      done: true,
      rate: '0.10',
    })
    const empty = note(workspace, { title: null })
    await insertNotes(database.pool, [full, empty])
    await client.until((notes) => notes.length === 2)
    const rows = await client.db.getAll(
      `SELECT id, title, body, CAST(amount AS TEXT) AS amount, typeof(amount) AS type, done, rate
         FROM notes ORDER BY title IS NULL`,
    )
    expect(rows).toEqual([
      {
        id: full.id,
        title: full.title,
        body: null,
        amount: String(beyondDouble),
        type: 'integer',
        done: 1,
        rate: '0.10',
      },
      { id: empty.id, title: null, body: null, amount: null, type: 'null', done: null, rate: null },
    ])
  })

  it('keeps a TOASTed value that an update did not touch', async () => {
    await database.pool.query('ALTER TABLE notes ALTER body SET STORAGE EXTERNAL')
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    const body = 'ž'.repeat(20_000)
    const { id } = note(workspace)
    await insertNotes(database.pool, [note(workspace, { id, body })])
    await database.pool.query(`UPDATE notes SET title = 'changed' WHERE id = $1`, [id])
    await client.until((notes) => notes[0]?.['title'] === 'changed')
    expect((await client.notes())[0]?.['body']).toBe(body)
  })

  it('follows a row whose id changes', async () => {
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    const { id } = note(workspace)
    await insertNotes(database.pool, [note(workspace, { id, title: 'moved' })])
    await client.until((notes) => notes.length === 1)
    const other = randomUUID()
    await database.pool.query('UPDATE notes SET id = $2 WHERE id = $1', [id, other])
    await client.until((notes) => notes.length === 1 && notes[0]?.['id'] === other)
  })

  it('empties a truncated table', async () => {
    await generateNotes(database.pool, workspace, 700)
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.until((notes) => notes.length === 700)
    await database.pool.query('TRUNCATE notes')
    await client.until((notes) => notes.length === 0)
    await insertNotes(database.pool, [note(workspace)])
    await client.until((notes) => notes.length === 1)
  })

  it('applies a transaction of 20,000 rows at once and keeps answering meanwhile', async () => {
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    const counts = new Set<number>()
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)
    await generateNotes(database.pool, workspace, 20_000)
    turns = 0
    await client.until((notes) => {
      counts.add(notes.length)
      return notes.length === 20_000
    })
    clearInterval(timer)
    expect([...counts].filter((count) => count > 0)).toEqual([20_000])
    // Wall-clock delays say little on a busy machine; turns taken meanwhile do.
    expect(turns).toBeGreaterThan(100)
  })

  it('gives an uploading client its own row back', async () => {
    host = await startHost({ databaseUrl: database.url })
    const client = await open()
    await client.db.waitForFirstSync()
    const { id } = note(workspace)
    await client.db.execute('INSERT INTO notes (id, workspace_id, title) VALUES (?, ?, ?)', [
      id,
      workspace,
      'mine',
    ])
    await database.pool.query(
      `CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN NEW.body := 'stamped'; RETURN NEW; END $$;
       CREATE TRIGGER stamp BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION stamp()`,
    )
    await client.until((notes) => notes[0]?.['title'] === 'mine')
    const second = note(workspace)
    await client.db.execute('INSERT INTO notes (id, workspace_id, title) VALUES (?, ?, ?)', [
      second.id,
      workspace,
      'second',
    ])
    await client.until((notes) =>
      notes.some((row) => row['id'] === second.id && row['body'] === 'stamped'),
    )
    expect(await client.db.getNextCrudTransaction()).toBeNull()
  })

  it('answers a write checkpoint that nothing else follows', async () => {
    host = await startHost({ databaseUrl: database.url })
    const client = await open({ lifetimesSeconds: [300] })
    await client.db.waitForFirstSync()
    const clientId = await client.db.getClientId()
    const response = await fetch(`${host.url}/write-checkpoint2.json?client_id=${clientId}`, {
      headers: { Authorization: `Token ${await host.token(user)}` },
    })
    const body = (await response.json()) as { data: { write_checkpoint: string } }
    await expect
      .poll(() => BigInt(lastWriteCheckpoint(host)), { timeout: 10_000 })
      .toBeGreaterThanOrEqual(BigInt(body.data.write_checkpoint))
  })
})

function lastWriteCheckpoint({ lines }: Host): string {
  const heads = lines.flatMap((line) => {
    const head = (line['checkpoint'] ?? line['checkpoint_diff']) as
      { write_checkpoint: string } | undefined
    return head ? [head.write_checkpoint] : []
  })
  return heads.at(-1) ?? '0'
}
