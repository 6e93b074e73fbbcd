import { describe, expect, it } from 'vitest'
import type { Edit, Kept, RowText } from './history.ts'
import { compareRows, judge } from './oracle.ts'

const key = 'accounts/1'
const edit = (device: number, before: RowText | null, after: RowText | null): Edit => {
  const kind = after === null ? 'delete' : before === null ? 'create' : 'change'
  return { device, kind, table: 'accounts', id: '1', before, after }
}
const kept = (device: number, row: RowText | null): Kept => {
  return { device, table: 'accounts', id: '1', row }
}
const shows = (row: RowText | null) => new Map(row === null ? [] : [[key, row]])
const kinds = (...given: Parameters<typeof judge>) => judge(...given).map(({ kind }) => kind)

const made = edit(0, null, { name: 'a', note: 'n' })
const byTwo = [
  made,
  edit(0, { name: 'a', note: 'n' }, { name: 'b', note: 'n' }),
  edit(1, { name: 'a', note: 'n' }, { name: 'c', note: 'n' }),
]

describe('what the harness finds', () => {
  it('is nothing where every edit is shown, replaced by who saw it, or kept', () => {
    expect(judge([made], shows({ name: 'a', note: 'n' }), [])).toEqual([])
    expect(judge(byTwo.slice(0, 2), shows({ name: 'b', note: 'n' }), [])).toEqual([])
    const inbox = [kept(0, { name: 'b' })]
    expect(judge(byTwo, shows({ name: 'c', note: 'n' }), inbox)).toEqual([])
    expect(judge([made], shows(null), [kept(0, { name: 'a', note: 'n' })])).toEqual([])
  })

  it('is nothing where edits of two columns both came through', () => {
    const both = [
      made,
      edit(0, { name: 'a', note: 'n' }, { name: 'b', note: 'n' }),
      edit(1, { name: 'a', note: 'n' }, { name: 'a', note: 'm' }),
    ]
    expect(judge(both, shows({ name: 'b', note: 'm' }), [])).toEqual([])
    expect(kinds(both, shows({ name: 'a', note: 'm' }), [])).toEqual(['lost-edit'])
  })

  it('is an edit that somebody overwrote who had not seen it', () => {
    expect(judge(byTwo, shows({ name: 'c', note: 'n' }), [])).toMatchObject([
      { kind: 'lost-edit', key, column: 'name', detail: 'device 0: b' },
    ])
  })

  it('is an edit that only another device keeps', () => {
    const inbox = [kept(1, { name: 'b' })]
    expect(kinds(byTwo, shows({ name: 'c', note: 'n' }), inbox)).toEqual(['lost-edit'])
  })

  it('is a row that vanished', () => {
    expect(kinds([made], shows(null), [])).toEqual(['lost-edit', 'lost-edit'])
  })

  it('is an edit under a deletion by who had not seen it', () => {
    const both = [...byTwo.slice(0, 2), edit(1, { name: 'a', note: 'n' }, null)]
    expect(kinds(both, shows(null), [])).toEqual(['lost-edit'])
    expect(kinds(both, shows(null), [kept(0, { name: 'b', note: 'n' })])).toEqual([])
  })

  it('is a deletion that did not happen, unless it is kept or undone', () => {
    const deleted = [made, edit(1, { name: 'a', note: 'n' }, null)]
    const shown = shows({ name: 'a', note: 'n' })
    expect(kinds(deleted, shown, [])).toEqual(['lost-delete'])
    expect(kinds(deleted, shown, [kept(1, null)])).toEqual([])
    const undone: Edit = { ...made, device: 1, kind: 'restore' }
    expect(kinds([...deleted, undone], shown, [])).toEqual([])
  })

  it('is a value or a row that nobody wrote', () => {
    expect(kinds([made], shows({ name: 'a', note: 'x' }), [kept(0, made.after)])).toEqual([
      'invented-value',
    ])
    expect(kinds([], shows({ name: 'a', note: 'n' }), [])).toEqual(['invented-row'])
  })

  it('is a difference between a device and the server', () => {
    const server = shows({ name: 'a', note: 'n' })
    expect(compareRows('device 0', server, server)).toEqual([])
    expect(compareRows('device 0', shows({ name: 'b', note: 'n' }), server)).toHaveLength(1)
    expect(compareRows('device 0', shows(null), server)).toHaveLength(1)
    expect(compareRows('device 0', server, shows(null))).toHaveLength(1)
  })
})
