import { describe, expect, it } from 'vitest'
import { noShortcut, readShortcut, shortcutHelp } from './shortcuts.ts'

describe('readShortcut', () => {
  it('reads single keys', () => {
    expect(readShortcut(noShortcut, 'n', 0).action).toEqual({
      kind: 'command',
      command: 'new-transaction',
    })
    expect(readShortcut(noShortcut, '/', 0).action).toEqual({ kind: 'command', command: 'search' })
    expect(readShortcut(noShortcut, '?', 0).action).toEqual({ kind: 'help' })
    expect(readShortcut(noShortcut, 'x', 0).action).toBeNull()
  })

  it('goes to a screen by g and its letter', () => {
    const { state, action } = readShortcut(noShortcut, 'g', 100)
    expect(action).toBeNull()
    expect(readShortcut(state, 't', 400)).toEqual({
      state: noShortcut,
      action: { kind: 'go', to: '/transactions' },
    })
  })

  it('forgets the g after a while, or after a letter that leads nowhere', () => {
    const { state } = readShortcut(noShortcut, 'g', 0)
    expect(readShortcut(state, 'n', 60_000).action).toEqual({
      kind: 'command',
      command: 'new-transaction',
    })
    expect(readShortcut(state, 'n', 10)).toEqual({ state: noShortcut, action: null })
  })

  it('has help for every screen', () => {
    expect(shortcutHelp.map(({ keys }) => keys.join(' '))).toEqual(
      expect.arrayContaining(['g o', 'g t', 'g a', 'g c', 'n', '/', '?']),
    )
  })
})
