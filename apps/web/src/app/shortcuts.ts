import type { Command } from '../ui/commands.tsx'
import { places, type PlacePath } from './places.ts'

export type ShortcutAction =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'go'; readonly to: PlacePath }
  | { readonly kind: 'help' }
  /** Ctrl or Cmd, Alt and D; not in the help. */
  | { readonly kind: 'diagnose' }

/** After `g`, the next key within this time goes to a screen. */
const sequenceMs = 1_500

/** The keys pressed so far of a sequence. */
export interface ShortcutState {
  readonly goSince: number | null
}

export const noShortcut: ShortcutState = { goSince: null }

/** What one key means, after those before it. Letters are what the layout says, not places of keys. */
export function readShortcut(
  state: ShortcutState,
  key: string,
  nowMs: number,
): { readonly state: ShortcutState; readonly action: ShortcutAction | null } {
  if (state.goSince !== null && nowMs - state.goSince <= sequenceMs) {
    const place = places.find((candidate) => candidate.key === key)
    return {
      state: noShortcut,
      action: place === undefined ? null : { kind: 'go', to: place.to },
    }
  }
  switch (key) {
    case 'g':
      return { state: { goSince: nowMs }, action: null }
    case 'n':
      return { state: noShortcut, action: { kind: 'command', command: 'new-transaction' } }
    case '/':
      return { state: noShortcut, action: { kind: 'command', command: 'search' } }
    case '?':
      return { state: noShortcut, action: { kind: 'help' } }
    default:
      return { state: noShortcut, action: null }
  }
}

/** For the help dialog: keys and what they do. */
export const shortcutHelp: readonly { readonly keys: readonly string[]; readonly does: string }[] =
  [
    { keys: ['n'], does: 'New transaction' },
    { keys: ['/'], does: 'Search transactions' },
    ...places.map(({ key, label }) => ({ keys: ['g', key], does: `Go to ${label.toLowerCase()}` })),
    { keys: ['Esc'], does: 'Close what is open' },
    { keys: ['?'], does: 'These shortcuts' },
  ]
