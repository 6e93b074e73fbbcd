import { describe, expect, it } from 'vitest'
import { agoWords } from './ago-words.ts'

describe('agoWords', () => {
  const now = Date.UTC(2026, 2, 10, 12)

  it('grows coarser with time', () => {
    expect(agoWords(now - 20_000, now, 'en')).toBe('just now')
    expect(agoWords(now - 5 * 60_000, now, 'en')).toBe('5 minutes ago')
    expect(agoWords(now - 3 * 3_600_000, now, 'en')).toBe('3 hours ago')
    expect(agoWords(now - 3 * 86_400_000, now, 'en')).toContain('2026')
  })

  it('takes a clock that was set back as now', () => {
    expect(agoWords(now + 60_000, now, 'en')).toBe('just now')
  })
})
