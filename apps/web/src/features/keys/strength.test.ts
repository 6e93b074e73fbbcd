import { describe, expect, it } from 'vitest'
import { isAcceptable, loadEstimator, scoreStrength } from './strength.ts'

describe('scoreStrength', () => {
  it('rises with the number of guesses', () => {
    const levels = [4, 9.99, 10, 13, 16, 40].map((log) => scoreStrength(log, '').level)
    expect(levels).toEqual(['weak', 'weak', 'fair', 'strong', 'excellent', 'excellent'])
  })

  it('keeps the bar between nothing and full', () => {
    expect(scoreStrength(0, '').share).toBe(0)
    expect(scoreStrength(300, '').share).toBe(1)
  })

  it('gives advice only while there is something to mend', () => {
    expect(scoreStrength(3, 'Too common').advice).toBe('Too common')
    expect(scoreStrength(20, 'Too common').advice).toBe('')
  })
})

describe('the estimator', () => {
  it('refuses what everybody uses and takes six random words', async () => {
    const estimate = await loadEstimator()
    for (const common of ['', 'password', 'qwertyuiop', 'sealbook2024', 'iloveyou']) {
      expect(isAcceptable(estimate(common)), common).toBe(false)
    }
    expect(estimate('harvest cradle oblige venture quantum mango').level).toBe('excellent')
  })
})
