import { describe, expect, it } from 'vitest'
import { serverFailureSentence } from './server-failure.ts'

describe('what a person is told when the server could not be asked', () => {
  it.each([
    [null, 'Wait a minute and'],
    [1, 'Wait a second and'],
    [40, 'Wait 40 seconds and'],
    [3_541, 'Wait 60 minutes and'],
  ])('says how long to wait: %s', (retryAfterSeconds, text) => {
    const sentence = serverFailureSentence({ kind: 'too-many-requests', retryAfterSeconds })
    expect(sentence).toContain(text)
  })

  it('does not ask to try again what cannot succeed', () => {
    const sentence = serverFailureSentence({
      kind: 'server',
      status: 409,
      code: 'too-many-workspaces',
    })
    expect(sentence).not.toContain('again')
    expect(sentence).not.toContain('too-many-workspaces')
  })
})
