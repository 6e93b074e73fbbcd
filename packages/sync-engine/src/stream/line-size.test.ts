import { describe, expect, it } from 'vitest'
import { LineBudget, LineSize } from './line-size.ts'

const mebibyte = 1024 * 1024
const quick = 100
const slow = 2_000

/** Takes and sends lines until so much was sent; the size of the next. */
function sizeAfter(size: LineSize, bytes: number, ms: number): number {
  for (let sent = 0; sent < bytes; sent += mebibyte) size.noteTaken(mebibyte, ms)
  const next = size.take()
  size.giveBack(next)
  return next
}

describe('LineSize', () => {
  it('stays small until the client has taken more than buffers hold', () => {
    const size = new LineSize(new LineBudget())
    expect(sizeAfter(size, 4 * mebibyte, quick)).toBe(0)
    expect(sizeAfter(size, mebibyte, quick)).toBe(mebibyte)
    expect(sizeAfter(size, 2 * mebibyte, quick)).toBe(3 * mebibyte)
    expect(sizeAfter(size, 100 * mebibyte, quick)).toBe(8 * mebibyte)
  })

  it('shrinks for a client that is slow, and grows again', () => {
    const size = new LineSize(new LineBudget())
    expect(sizeAfter(size, 20 * mebibyte, quick)).toBe(8 * mebibyte)
    expect(sizeAfter(size, 3 * mebibyte, slow)).toBe(mebibyte)
    expect(sizeAfter(size, mebibyte, quick)).toBe(2 * mebibyte)
  })

  it('shares a budget with all others, and gives back what is left at the end', () => {
    const budget = new LineBudget()
    const sizes = Array.from({ length: 9 }, () => new LineSize(budget))
    for (const size of sizes) sizeAfter(size, 20 * mebibyte, quick)
    const taken = sizes.map((size) => size.take())
    expect(taken).toEqual([...Array<number>(8).fill(8 * mebibyte), 0])
    sizes[0]?.close()
    expect(sizes[8]?.take()).toBe(8 * mebibyte)
  })
})
