import { UpdateType } from '@powersync/common'
import type { UploadOperation } from '@sealbook/schema/upload'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeEntries, mergeOperations, type QueuedEntry } from './merge.ts'

const put = (id: string, data: object, table = 't') => entry('PUT', table, id, data)
const patch = (id: string, data: object, revision: number, table = 't') =>
  entry('PATCH', table, id, data, revision)
const remove = (id: string, revision: number, table = 't') =>
  entry('DELETE', table, id, undefined, revision)

let clientId = 0
function entry(
  op: keyof typeof UpdateType,
  table: string,
  id: string,
  opData?: object,
  revision?: number,
): QueuedEntry {
  return {
    clientId: ++clientId,
    op: UpdateType[op],
    table,
    id,
    ...(opData === undefined ? {} : { opData }),
    ...(revision === undefined ? {} : { previousValues: { revision, seal: `seal ${revision}` } }),
  }
}

describe('merging the queue by row', () => {
  it('makes one PUT of a PUT and its PATCHes', () => {
    const merged = mergeOperations([
      put('a', { name: 'x', note: 'n', revision: 1 }),
      patch('a', { name: 'y', revision: 2 }, 1),
      patch('a', { note: null, revision: 3 }, 2),
    ])
    expect(merged).toEqual([
      { op: 'PUT', table: 't', id: 'a', data: { name: 'y', note: null, revision: 3 } },
    ])
  })

  it('makes one PATCH of PATCHes, based on what the first was based on', () => {
    const merged = mergeOperations([
      patch('a', { name: 'x', revision: 5 }, 4),
      patch('a', { note: 'n', revision: 6 }, 5),
    ])
    expect(merged).toEqual([
      {
        op: 'PATCH',
        table: 't',
        id: 'a',
        data: { name: 'x', note: 'n', revision: 6 },
        previous: { revision: 4, seal: 'seal 4' },
      },
    ])
  })

  it('makes one DELETE of anything that ends in one, with the first base', () => {
    const merged = mergeOperations([patch('a', { revision: 5 }, 4), remove('a', 5)])
    expect(merged).toEqual([
      { op: 'DELETE', table: 't', id: 'a', previous: { revision: 4, seal: 'seal 4' } },
    ])
  })

  it('makes nothing of a row that came and went', () => {
    expect(mergeOperations([put('a', { revision: 1 }), remove('a', 1)])).toEqual([])
    const again = mergeOperations([
      put('a', { revision: 1 }),
      patch('a', { revision: 2 }, 1),
      remove('a', 2),
      put('a', { revision: 4 }),
    ])
    expect(again).toEqual([{ op: 'PUT', table: 't', id: 'a', data: { revision: 4 } }])
  })

  it('makes a based PUT of a row that went and came back', () => {
    expect(mergeOperations([remove('a', 4), put('a', { revision: 6 })])).toEqual([
      {
        op: 'PUT',
        table: 't',
        id: 'a',
        data: { revision: 6 },
        previous: { revision: 4, seal: 'seal 4' },
      },
    ])
  })

  it('tells rows of two tables with one id apart', () => {
    expect(mergeOperations([put('a', { n: 1 }, 't'), put('a', { n: 2 }, 'u')])).toHaveLength(2)
  })

  it('names the last entry that an operation stands for', () => {
    const first = patch('a', { revision: 5 }, 4)
    const last = patch('a', { revision: 6 }, 5)
    expect(mergeEntries([first, last])[0]?.entryId).toBe(last.clientId)
  })

  it('keeps apart what would refer to a row before it is there', () => {
    const merged = mergeOperations([
      put('child', { parent: null, revision: 1 }),
      put('parent', { revision: 1 }),
      patch('child', { parent: 'parent', revision: 2 }, 1),
    ])
    expect(merged.map(({ op, id }) => `${op} ${id}`)).toEqual([
      'PUT child',
      'PUT parent',
      'PATCH child',
    ])
  })

  it('keeps apart a change that a delete in between needs', () => {
    const queued = [
      patch('child', { parent: null, revision: 2 }, 1),
      remove('parent', 1),
      remove('child', 2),
    ]
    expect(mergeOperations(queued)).toEqual(queued.flatMap((each) => mergeOperations([each])))
  })

  it('keeps a short-lived row that a row in between refers to', () => {
    const queued = [
      put('old', { revision: 1 }),
      put('child', { parent: 'old', revision: 1 }),
      put('new', { revision: 1 }),
      patch('child', { parent: 'new', revision: 2 }, 1),
      remove('old', 1),
    ]
    expect(mergeOperations(queued)).toEqual(queued.flatMap((each) => mergeOperations([each])))
  })

  it('changes nothing that it is given', () => {
    const data = { name: 'x' }
    const entries = [put('a', data), patch('a', { name: 'y' }, 1)]
    mergeOperations(entries)
    expect(data).toEqual({ name: 'x' })
  })

  it('is done with 2,000 entries of 1,000 rows at once', () => {
    const ids = Array.from({ length: 1_000 }, (_, i) => `row ${i}`)
    const entries = [
      ...ids.map((id) => put(id, { revision: 1 })),
      ...ids.map((id) => patch(id, { revision: 2 }, 1)),
    ]
    expect(mergeOperations(entries)).toHaveLength(1_000)
  })

  it('leaves the server as the entries one by one would, with nothing refused', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { server, entries } = play(steps)
        const expected = server.copy()
        const direct = entries.map((each) => expected.apply(mergeOperations([each])[0]!))
        expect(direct).not.toContain('refused')
        const merged = mergeOperations(entries)
        const answers = merged.map((operation) => server.apply(operation))
        expect(answers).not.toContain('refused')
        expect(server.rows).toEqual(expected.rows)
        expect(merged.length).toBeLessThanOrEqual(entries.length)
      }),
      { numRuns: 3_000 },
    )
  })

  it('leaves the server so again when the same batch comes twice', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { server, entries } = play(steps)
        const merged = mergeOperations(entries)
        for (const operation of merged) server.apply(operation)
        const after = server.copy()
        for (const operation of merged) server.apply(operation)
        expect(server.rows).toEqual(after.rows)
      }),
    )
  })
})

interface Row {
  readonly parent: string | null
  readonly value: number
  readonly revision: number
}

/** What the server does with relations and revisions, in its smallest form. */
class ModelServer {
  readonly rows: Map<string, Row>

  constructor(rows: Iterable<readonly [string, Row]>) {
    this.rows = new Map(rows)
  }

  copy(): ModelServer {
    return new ModelServer(this.rows)
  }

  apply({ op, id, data, previous }: UploadOperation): 'applied' | 'refused' {
    const stored = this.rows.get(id)
    const parent = data?.['parent']
    if (typeof parent === 'string' && !this.rows.has(parent)) return 'refused'
    if (stored?.revision !== previous?.revision) return 'refused'
    if (op === 'PATCH' && stored === undefined) return 'refused'
    if (op === 'DELETE') {
      if ([...this.rows.values()].some((row) => row.parent === id)) return 'refused'
      this.rows.delete(id)
      return 'applied'
    }
    const base = op === 'PATCH' ? stored : { parent: null, value: 0, revision: 0 }
    this.rows.set(id, { ...base, ...(data as Partial<Row>) } as Row)
    return 'applied'
  }
}

const ids = ['a', 'b', 'c', 'd'] as const
const step = fc.record({
  op: fc.constantFrom('write', 'move', 'delete'),
  id: fc.constantFrom(...ids),
  parent: fc.option(fc.constantFrom(...ids)),
  value: fc.nat(9),
})
const history = fc.record({
  before: fc.array(step, { maxLength: 8 }),
  queued: fc.array(step, { maxLength: 20 }),
})

/** A device's valid steps: the server before, and the entries that the rest of them queue. */
function play({ before, queued }: { before: Step[]; queued: Step[] }) {
  const device = new ModelServer([])
  const revisions = new Map<string, number>()
  for (const each of before) queue(device, revisions, each)
  const server = device.copy()
  const entries = queued.flatMap((each) => queue(device, revisions, each) ?? [])
  return { server, entries }
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function queue(
  device: ModelServer,
  revisions: Map<string, number>,
  { op, id, parent, value }: Step,
): QueuedEntry | undefined {
  const stored = device.rows.get(id)
  const revision = (revisions.get(id) ?? 0) + 1
  const made =
    op === 'delete'
      ? stored && remove(id, stored.revision)
      : stored === undefined
        ? put(id, { parent, value, revision })
        : patch(id, op === 'move' ? { parent, revision } : { value, revision }, stored.revision)
  if (made === undefined || parent === id) return undefined
  // An operation that the device itself would refuse is never queued.
  if (device.apply(mergeOperations([made])[0]!) === 'refused') return undefined
  revisions.set(id, revision)
  return made
}
