import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sliceOf, tableDigest, TableDigester } from './digest.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
/** Ids of one moment: only their last digits tell them apart. */
const timeOrdered = (end: string) => `0193a1b2-c3d4-7000-8000-00000000${end}`

async function digest(ids: readonly string[]) {
  const digester = new TableDigester(['id', 'note'])
  for (const id of ids) digester.add({ id, note: null })
  return digester.finish()
}

describe('sliceOf', () => {
  it('is the last two digits of an id, whose first ones tell its time', () => {
    expect(sliceOf(timeOrdered('00ab'))).toBe('ab')
  })

  it.each(['', 'A', 'AB', '\u{1F4B6}'])('has a slice for %j, which is no UUID', (id) => {
    expect(sliceOf(id)).toBe(id)
  })

  it('spreads random ids evenly', () => {
    const slices = Array.from({ length: 5_000 }, () => sliceOf(crypto.randomUUID()))
    expect(new Set(slices).size).toBeGreaterThan(250)
  })
})

describe('TableDigester', () => {
  it('gives every slice of time-ordered ids a digest of its own', async () => {
    const ids = ['0100', '0200', '0109', '000a', '01ff'].map(timeOrdered)
    const text = (...rows: (string | undefined)[]) => rows.map((id) => `!id=36:${id};`).join('')
    const digests = await digest(ids)
    expect(digests).toEqual([
      { slice: '00', rows: 2, digest: sha256(text(ids[0], ids[1])) },
      { slice: '09', rows: 1, digest: sha256(text(ids[2])) },
      { slice: '0a', rows: 1, digest: sha256(text(ids[3])) },
      { slice: 'ff', rows: 1, digest: sha256(text(ids[4])) },
    ])
    const lines = digests.map((each) => `${each.slice} ${each.digest}\n`)
    expect(await tableDigest(digests)).toBe(sha256(lines.join('')))
  })

  it('counts every row in exactly one slice, whatever the ids', async () => {
    const anyId = fc.oneof(fc.uuid(), fc.string({ unit: 'grapheme', maxLength: 4 }))
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyId), async (ids) => {
        const digests = await digest(ids.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)))
        expect(digests.map(({ slice }) => slice)).toEqual([...new Set(ids.map(sliceOf))].sort())
        for (const { slice, rows } of digests) {
          expect(rows).toBe(ids.filter((id) => sliceOf(id) === slice).length)
        }
      }),
    )
  })
})

/** Sorts by slice, then id. */
function key(id: string): string {
  return `${sliceOf(id).padEnd(2, '\0')}${id}`
}
