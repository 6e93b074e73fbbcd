import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { column } from './entity.ts'
import { joinValues } from './join-values.ts'

const note = column.sealedNote(60)
const tags = column.optionalSealedLines(60)

describe('joinValues', () => {
  it('keeps every text of a note, once', () => {
    expect(joinValues(note, 'Gift', 'For Ada')).toBe('Gift\n\nFor Ada')
    expect(joinValues(note, 'Gift for Ada', 'Gift')).toBe('Gift for Ada')
    expect(joinValues(note, '', 'Gift')).toBe('Gift')
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        const joined = joinValues(note, first, second)
        if (joined !== undefined)
          expect(joined.includes(first) && joined.includes(second)).toBe(true)
      }),
    )
  })

  it('keeps every line of a list, once', () => {
    expect(joinValues(tags, 'home\nwork', 'work\nfood')).toBe('home\nwork\nfood')
    expect(joinValues(tags, '', 'work')).toBe('work')
  })

  it('gives nothing that is too long for the column, counted in UTF-8', () => {
    expect(joinValues(note, 'ä'.repeat(14), 'ö'.repeat(15))).toHaveLength(31)
    expect(joinValues(note, 'ä'.repeat(15), 'ö'.repeat(15))).toBeUndefined()
  })

  it('has no way to keep two names, amounts or dates', () => {
    for (const each of [column.sealedText(60), column.sealedInteger, column.date]) {
      expect(joinValues(each, '1', '2')).toBeUndefined()
    }
  })
})
