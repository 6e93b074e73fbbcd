import { describe, expect, it } from 'vitest'
import { buildLayout, emptyLayout } from './layout.ts'
import { moveRow } from './list-keys.ts'

const layout = buildLayout([
  { day: '2026-01-03', count: 2, sums: [] },
  { day: '2026-01-02', count: 3, sums: [] },
  { day: '2026-01-01', count: 1, sums: [] },
])
const move = (key: string, row: number) => moveRow(key, row, layout, 4)

describe('keys in the list', () => {
  it('moves by rows, and stays inside the list', () => {
    expect([move('ArrowDown', -1), move('ArrowDown', 0), move('ArrowDown', 5)]).toEqual([0, 1, 5])
    expect([move('ArrowUp', 3), move('ArrowUp', 0)]).toEqual([2, 0])
    expect([move('PageDown', 0), move('PageDown', 4), move('PageUp', 5)]).toEqual([4, 5, 1])
    expect([move('Home', 4), move('End', 0)]).toEqual([0, 5])
  })

  it('moves by days', () => {
    expect([move('ArrowRight', 0), move('ArrowRight', 3), move('ArrowRight', 5)]).toEqual([2, 5, 5])
    expect([move('ArrowLeft', 4), move('ArrowLeft', 2), move('ArrowLeft', 0)]).toEqual([2, 0, 0])
  })

  it('leaves other keys alone, and all keys in an empty list', () => {
    expect(move('a', 0)).toBe(null)
    expect(moveRow('ArrowDown', 0, emptyLayout, 4)).toBe(null)
  })
})
