import { UpdateType } from '@powersync/common'
import { describe, expect, it } from 'vitest'
import { mergeEntries, mergeOperations, type QueuedEntry } from './merge.ts'

const put = (id: string, data: object, table = 'categories_encrypt') =>
  entry('PUT', table, id, data)
const patch = (id: string, data: object, revision: number, table = 'categories_encrypt') =>
  entry('PATCH', table, id, data, revision)
const remove = (id: string, revision: number, table = 'categories_encrypt') =>
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
      {
        op: 'PUT',
        table: 'categories_encrypt',
        id: 'a',
        data: { name: 'y', note: null, revision: 3 },
      },
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
        table: 'categories_encrypt',
        id: 'a',
        data: { name: 'x', note: 'n', revision: 6 },
        previous: { revision: 4, seal: 'seal 4' },
      },
    ])
  })

  it('makes one DELETE of a change and a DELETE, with the first base, where no row can refer', () => {
    const table = 'budgets_encrypt'
    const queued = [patch('a', { amount: 'x', revision: 5 }, 4, table), remove('a', 5, table)]
    expect(mergeOperations(queued)).toEqual([
      { op: 'DELETE', table, id: 'a', previous: { revision: 4, seal: 'seal 4' } },
    ])
  })

  it('keeps a change whose row other devices may refer to: its DELETE may be refused', () => {
    const queued = [patch('a', { name: 'x', revision: 5 }, 4), remove('a', 5)]
    expect(mergeOperations(queued)).toHaveLength(2)
  })

  it('keeps a new relation apart: the server may not have that row', () => {
    const created = put('child', { parent_id: 'a', revision: 1 })
    const moved = patch('child', { parent_id: 'b', revision: 2 }, 1)
    const freed = patch('child', { parent_id: null, revision: 3 }, 2)
    expect(mergeOperations([created, moved, freed])).toHaveLength(3)
    const renamed = patch('child', { parent_id: 'a', name: 'x', revision: 2 }, 1)
    expect(mergeOperations([created, renamed])).toHaveLength(1)
  })

  it('makes nothing of a row that came and went', () => {
    expect(mergeOperations([put('a', { revision: 1 }), remove('a', 1)])).toEqual([])
  })

  it('keeps all of a row that went and came back: the server may refuse a part', () => {
    expect(mergeOperations([remove('a', 4), put('a', { revision: 6 })])).toHaveLength(2)
    const again = [put('a', { revision: 1 }), remove('a', 1), put('a', { revision: 3 })]
    expect(mergeOperations(again)).toHaveLength(3)
  })

  it('tells rows of two tables with one id apart', () => {
    expect(
      mergeOperations([put('a', { n: 1 }), put('a', { n: 2 }, 'accounts_encrypt')]),
    ).toHaveLength(2)
  })

  it('names the last entry that an operation stands for', () => {
    const first = patch('a', { revision: 5 }, 4)
    const last = patch('a', { revision: 6 }, 5)
    expect(mergeEntries([first, last])[0]?.entryId).toBe(last.clientId)
  })

  it('keeps apart what would refer to a row before it is there', () => {
    const merged = mergeOperations([
      put('child', { parent_id: null, revision: 1 }),
      put('parent', { revision: 1 }),
      patch('child', { parent_id: 'parent', revision: 2 }, 1),
    ])
    expect(merged.map(({ op, id }) => `${op} ${id}`)).toEqual([
      'PUT child',
      'PUT parent',
      'PATCH child',
    ])
  })

  it('keeps apart a change that a delete in between needs', () => {
    const queued = [
      patch('child', { parent_id: null, revision: 2 }, 1),
      remove('parent', 1),
      remove('child', 2),
    ]
    expect(mergeOperations(queued)).toEqual(queued.flatMap((each) => mergeOperations([each])))
  })

  it('keeps a short-lived row that a row in between refers to', () => {
    const queued = [
      put('old', { revision: 1 }),
      put('child', { parent_id: 'old', revision: 1 }),
      put('new', { revision: 1 }),
      patch('child', { parent_id: 'new', revision: 2 }, 1),
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
})
