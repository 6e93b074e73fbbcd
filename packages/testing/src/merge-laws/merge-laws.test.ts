import { randomUUID } from 'node:crypto'
import { UpdateType } from '@powersync/common'
import fc from 'fast-check'
import type { UploadOperation } from '@sealbook/schema/upload'
import {
  mergeEntries,
  mergeOperations,
  type MergedOperation,
  type QueuedEntry,
} from '@sealbook/sync-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wish, WishfulDevice, type Wish } from './histories.ts'
import { ModelServer } from './model-server.ts'
import { openRealServer, type RealServer } from './real-server.ts'

const workspaceId = randomUUID()
const wishes = (maxLength: number) => fc.array(wish, { maxLength })
/** What others do between two uploads; who `knows` has seen everything before. */
const others = fc.record({ knows: fc.boolean(), wishes: wishes(4) })

/** Both devices know what is there before; then this one queues, and the others come between. */
const story = fc.record({
  before: wishes(10),
  rounds: fc.array(fc.record({ queued: wishes(10), others }), { minLength: 1, maxLength: 3 }),
})
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never

const alone = (entries: readonly QueuedEntry[]) =>
  entries.flatMap((entry) => mergeOperations([entry]))

describe('the laws of merging', () => {
  it('1: the same rows as of the entries, whatever others uploaded before', () => {
    let refused = 0
    let saved = 0
    fc.assert(
      fc.property(story, (given) => {
        const { uploads } = tell(given)
        const [plain, merged] = [new ModelServer(), new ModelServer()]
        for (const { entries, operations } of uploads) {
          const answers = plain.upload(operations ?? alone(entries))
          merged.upload(operations ?? mergeOperations(entries))
          expect(merged.rows).toEqual(plain.rows)
          refused += answers.filter((answer) => answer !== 'applied').length
          saved += entries.length - mergeOperations(entries).length
        }
      }),
      { numRuns: 1_500 },
    )
    // Or the stories were too tame, and nothing was merged.
    expect(refused).toBeGreaterThan(500)
    expect(saved).toBeGreaterThan(500)
  })

  it('2: that holds when others come between the operations', () => {
    const cuts = fc.array(fc.option(others), { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(wishes(10), wishes(14), cuts, (before, queued, between) => {
        const { server, device, other } = begin(before)
        const entries = device.queue(queued)
        const [plain, merged] = [new ModelServer(server), new ModelServer(server)]
        const operations = mergeEntries(entries)
        const stoodFor = groups(entries, operations)
        operations.forEach(({ operation }, index) => {
          const wanted = between[index % between.length]
          if (wanted) {
            if (wanted.knows) other.learn(plain)
            const foreign = alone(other.queue(wanted.wishes))
            plain.upload(foreign)
            merged.upload(foreign)
          }
          plain.upload(alone(stoodFor[index] ?? []))
          merged.upload([operation])
          expect(merged.rows).toEqual(plain.rows)
        })
      }),
      { numRuns: 1_000 },
    )
  })

  it('3: nothing of a row that came and went', () => {
    let gone = 0
    fc.assert(
      fc.property(wishes(14), (queued) => {
        const entries = new WishfulDevice(workspaceId).queue(queued)
        const merged = mergeOperations(entries)
        for (const id of new Set(entries.map((entry) => entry.id))) {
          if (!cameAndWent(entries, id)) continue
          gone += 1
          expect(merged.filter((operation) => operation.id === id)).toEqual([])
        }
      }),
      { numRuns: 1_000 },
    )
    expect(gone).toBeGreaterThan(100)
  })

  it('4: rows that stay apart keep their order', () => {
    fc.assert(
      fc.property(wishes(10), wishes(14), (before, queued) => {
        const entries = begin(before).device.queue(queued)
        const places = mergeEntries(entries).map((merged) => placeOf(entries, merged))
        expect(places).toEqual([...places].sort((left, right) => left - right))
      }),
    )
  })

  it('5: what was applied may come again, at once or later', () => {
    fc.assert(
      fc.property(wishes(10), others, wishes(14), others, (before, first, queued, later) => {
        const { server, device, other } = begin(before)
        const operations = mergeOperations(device.queue(queued))
        server.upload(alone(other.queue(first.wishes)))
        const answers = server.upload(operations)
        const applied = operations.filter((_, index) => answers[index] === 'applied')
        const once = new ModelServer(server)
        server.upload(applied)
        expect(server.rows).toEqual(once.rows)
        if (later.knows) other.learn(server)
        server.upload(alone(other.queue(later.wishes)))
        const afterwards = new ModelServer(server)
        server.upload(applied)
        expect(server.rows).toEqual(afterwards.rows)
      }),
      { numRuns: 1_000 },
    )
  })

  it('5: merging what is merged changes nothing', () => {
    fc.assert(
      fc.property(wishes(10), wishes(14), (before, queued) => {
        const merged = mergeOperations(begin(before).device.queue(queued))
        expect(mergeOperations(merged.map(toEntry))).toEqual(merged)
      }),
    )
  })
})

describe('the laws on the real server', () => {
  let real: RealServer
  beforeAll(async () => {
    real = await openRealServer()
  })
  afterAll(() => real.close())

  it('answers as the model does, and ends alike with and without merging', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (given) => {
        const [plainId, mergedId] = [await real.addWorkspace(), await real.addWorkspace()]
        const model = new ModelServer()
        for (const { entries, operations } of tell(given).uploads) {
          const plain = operations ?? alone(entries)
          const answers = await real.upload(plainId, plain)
          expect(answers).toEqual(model.upload(plain))
          await real.upload(mergedId, operations ?? mergeOperations(entries))
          const rows = await real.rows(plainId)
          expect(rows.size).toBe(model.rows.size)
          for (const [key, row] of model.rows) expect(rows.get(key)).toMatchObject(row)
          expect(await real.rows(mergedId)).toEqual(rows)
        }
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})

function begin(before: readonly Wish[]) {
  const server = new ModelServer()
  const [device, other] = [new WishfulDevice(workspaceId), new WishfulDevice(workspaceId)]
  const operations = alone(device.queue(before))
  server.upload(operations)
  device.learn(server)
  other.learn(server)
  return { server, device, other, operations }
}

interface Upload {
  readonly entries: readonly QueuedEntry[]
  /** Of others, who do not merge. */
  readonly operations?: UploadOperation[]
}

/** All uploads of a story in their order. What others do depends on what is there by then. */
function tell({ before, rounds }: Story): { readonly uploads: readonly Upload[] } {
  const { server, device, other, operations: first } = begin(before)
  const uploads: Upload[] = [{ entries: [], operations: first }]
  for (const { queued, others: between } of rounds) {
    const entries = device.queue(queued)
    if (between.knows) other.learn(server)
    const operations = alone(other.queue(between.wishes))
    server.upload(operations)
    server.upload(alone(entries))
    uploads.push({ entries: [], operations }, { entries })
  }
  return {
    uploads: uploads.filter(
      ({ entries, operations = [] }) => entries.length + operations.length > 0,
    ),
  }
}

/** The entries of each operation's row since the operation before; what fell away is among them. */
function groups(entries: readonly QueuedEntry[], merged: readonly MergedOperation[]) {
  const done = new Map<string, number>()
  return merged.map(({ operation: { table, id }, entryId }) => {
    const from = done.get(`${table}/${id}`) ?? 0
    done.set(`${table}/${id}`, entryId)
    return entries.filter(
      (entry) =>
        entry.table === table &&
        entry.id === id &&
        entry.clientId > from &&
        entry.clientId <= entryId,
    )
  })
}

/** Created once and deleted; no other entry names it, it keeps its relations, and they stay. */
function cameAndWent(entries: readonly QueuedEntry[], id: string): boolean {
  const ofRow = entries.filter((entry) => entry.id === id)
  const relations = ofRow.flatMap(({ opData = {} }) =>
    Object.entries(opData).flatMap(([name, value]: [string, unknown]) =>
      relationNames.has(name) ? [value] : [],
    ),
  )
  const created = ofRow.filter(({ op }) => op === UpdateType.PUT)
  const moves = ofRow.some(
    ({ op, opData = {} }) =>
      op === UpdateType.PATCH && Object.keys(opData).some((name) => relationNames.has(name)),
  )
  const others = entries.filter((entry) => entry.id !== id)
  return (
    created.length === 1 &&
    ofRow.at(-1)?.op === UpdateType.DELETE &&
    !moves &&
    !others.some(({ opData = {} }) => Object.values(opData).includes(id)) &&
    !others.some((entry) => entry.op === UpdateType.DELETE && relations.includes(entry.id))
  )
}

const relationNames = new Set(['account_id', 'category_id', 'parent_id'])

/** Where an operation belongs: a delete where it is made, a change where the first of it was. */
function placeOf(entries: readonly QueuedEntry[], { operation, entryId }: MergedOperation): number {
  const { op, table, id, previous } = operation
  if (op === 'DELETE') return entryId
  const until = entries.filter(
    (entry) => entry.table === table && entry.id === id && entry.clientId <= entryId,
  )
  const first = until.findLast((entry) =>
    op === 'PUT' ? entry.op === UpdateType.PUT : entry.previousValues?.['seal'] === previous?.seal,
  )
  return first?.clientId ?? 0
}

let clientId = 0
function toEntry({ op, table, id, data, previous }: UploadOperation): QueuedEntry {
  return {
    clientId: ++clientId,
    op: UpdateType[op],
    table,
    id,
    ...(data ? { opData: data } : {}),
    ...(previous ? { previousValues: previous } : {}),
  }
}
