import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import { deserialize } from 'bson'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addChecksums, putChecksum } from '../checksum.ts'
import { type Host, startHost } from '../fixture/host.ts'
import { addMember, generateNotes, insertNotes, note, sourceSql } from '../fixture/source.ts'

interface Op {
  op_id: string
  op: string
  object_type: string
  object_id: string
  checksum: number
  data: string | null
}
interface Head {
  last_op_id: string
  write_checkpoint: string
  buckets: { bucket: string; checksum: number; count: number; priority: number }[]
}
interface Line {
  checkpoint?: Head & { streams: { name: string; is_default: boolean }[] }
  checkpoint_complete?: { last_op_id: string }
  data?: { bucket: string; after: string; next_after: string; has_more: boolean; data: Op[] }
}

let database: TestDatabase
let host: Host
const user = randomUUID()
const workspace = randomUUID()

beforeAll(async () => {
  database = await createTestDatabase()
  await database.pool.query(sourceSql)
  await addMember(database.pool, workspace, user)
  await generateNotes(database.pool, workspace, 2_500)
  host = await startHost({ databaseUrl: database.url })
})

afterAll(async () => {
  await host.close()
  await database.drop()
})

/** Lines up to the first complete checkpoint. */
async function firstCheckpoint(
  body: object,
  headers: Record<string, string> = {},
): Promise<{ response: Response; lines: Line[] }> {
  const stop = new AbortController()
  const response = await fetch(`${host.url}/sync/stream`, {
    method: 'POST',
    headers: { Authorization: `Token ${await host.token(user)}`, ...headers },
    body: JSON.stringify({ raw_data: true, ...body }),
    signal: stop.signal,
  })
  const lines: Line[] = []
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts.map((part) => JSON.parse(part) as Line))
    if (lines.at(-1)?.checkpoint_complete) break
  }
  stop.abort()
  return { response, lines }
}

const opsOf = (lines: Line[], bucket: string) =>
  lines.flatMap((line) => (line.data?.bucket === bucket ? line.data.data : []))

describe('sync stream', () => {
  it('sends a checkpoint, each bucket in batches that follow on, and its completion', async () => {
    const { response, lines } = await firstCheckpoint({})
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const checkpoint = lines[0]?.checkpoint
    expect(checkpoint?.streams).toEqual([
      { name: 'by_user', is_default: true, errors: [] },
      { name: 'by_workspace', is_default: true, errors: [] },
    ])
    const notes = checkpoint?.buckets.find(({ bucket }) => bucket.includes('by_workspace'))
    expect(notes?.bucket).toMatch(new RegExp(`^\\d+#by_workspace\\["${workspace}"\\]$`))
    const batches = lines.flatMap(({ data }) =>
      data?.bucket === notes?.bucket && data ? [data] : [],
    )
    expect(batches.length).toBeGreaterThan(1)
    let after = '0'
    for (const batch of batches) {
      expect(batch.after).toBe(after)
      expect(batch.next_after).toBe(batch.data.at(-1)?.op_id)
      expect(batch.has_more).toBe(batch !== batches.at(-1))
      after = batch.next_after
    }
    expect(lines.at(-1)?.checkpoint_complete?.last_op_id).toBe(checkpoint?.last_op_id)
  })

  it('sends operations whose checksums are the PowerSync Service’s and add up', async () => {
    await insertNotes(database.pool, [note(workspace, { title: 'ž', amount: 2n ** 60n })])
    await database.pool.query(`DELETE FROM notes WHERE title IN ('note 1', 'note 2')`)
    await expect
      .poll(async () => {
        const { lines } = await firstCheckpoint({})
        for (const { bucket, checksum, count } of lines[0]?.checkpoint?.buckets ?? []) {
          const ops = opsOf(lines, bucket)
          expect(ops).toHaveLength(count)
          expect(ops.reduce((sum, op) => addChecksums(sum, op.checksum), 0)).toBe(checksum)
          for (const { op, object_type, object_id, data, checksum: own } of ops) {
            if (op === 'PUT') expect(own).toBe(putChecksum(object_type, object_id, data ?? ''))
            else expect(data).toBeNull()
          }
        }
        return lines.flatMap(({ data }) => data?.data ?? []).filter(({ op }) => op === 'REMOVE')
          .length
      })
      .toBe(2)
  })

  it('sends only what comes after the positions of the request', async () => {
    const { lines } = await firstCheckpoint({})
    const head = lines[0]?.checkpoint
    const buckets = head?.buckets.map(({ bucket }) => ({ name: bucket, after: head.last_op_id }))
    const again = await firstCheckpoint({ buckets })
    expect(again.lines.filter(({ data }) => data)).toEqual([])
    expect(again.lines.at(-1)?.checkpoint_complete).toBeDefined()
  })

  it('compresses for a client behind a proxy that offers gzip', async () => {
    const { response, lines } = await firstCheckpoint(
      {},
      { 'X-Forwarded-For': '192.0.2.1', 'Accept-Encoding': 'gzip' },
    )
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(lines.at(-1)?.checkpoint_complete).toBeDefined()
  })

  it('compresses BSON too, and nothing for a client that does not offer gzip', async () => {
    const begin = async (encoding: string) => {
      const stop = new AbortController()
      const response = await fetch(`${host.url}/sync/stream`, {
        method: 'POST',
        headers: {
          Authorization: `Token ${await host.token(user)}`,
          Accept: 'application/vnd.powersync.bson-stream;q=0.9,application/x-ndjson;q=0.8',
          'X-Forwarded-For': '192.0.2.1',
          'Accept-Encoding': encoding,
        },
        body: '{"raw_data":true}',
        signal: stop.signal,
      })
      let bytes = Buffer.alloc(0)
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        bytes = Buffer.concat([bytes, chunk])
        if (bytes.length > 4 && bytes.length >= bytes.readInt32LE(0)) break
      }
      stop.abort()
      const first = deserialize(bytes.subarray(0, bytes.readInt32LE(0)))
      return { first, encoding: response.headers.get('content-encoding') }
    }
    const plain = await begin('identity')
    const compressed = await begin('gzip')
    expect([plain.encoding, compressed.encoding]).toEqual([null, 'gzip'])
    expect(Object.keys(compressed.first)).toEqual(['checkpoint'])
    expect(compressed.first['checkpoint']).toMatchObject({
      buckets: (plain.first['checkpoint'] as Head).buckets,
    })
  })

  it('nests rows for clients that do not take them as text', async () => {
    const { lines } = await firstCheckpoint({ raw_data: false })
    const row = lines.flatMap(({ data }) => data?.data ?? [])[0]?.data as unknown
    expect(row).toMatchObject({ user_id: user })
  })

  it.each([
    ['not JSON', 'nonsense', 400],
    ['no object', '[]', 400],
    ['a position that is no number', '{"buckets":[{"name":"a","after":"x"}]}', 400],
    ['too large', ' '.repeat(5 * 1024 * 1024), 413],
  ])('refuses a body that is %s', async (_, body, status) => {
    const response = await fetch(`${host.url}/sync/stream`, {
      method: 'POST',
      headers: { Authorization: `Token ${await host.token(user)}` },
      body,
    })
    expect(response.status).toBe(status)
  })
})
