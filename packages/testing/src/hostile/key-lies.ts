import { changed, type Json } from './answer-lies.ts'
import type { AnswerLie } from './lying-proxy.ts'

export const keysPath = /^\/api\/keys$/

/** What `GET /api/keys` answers. */
export interface KeyAnswer {
  readonly slots: readonly Json[]
  readonly workspaces: readonly (Json & { readonly dataKeys: readonly Json[] })[]
}

type ChangeKeys = (keys: KeyAnswer) => KeyAnswer

export function changedKeys(change: (keys: KeyAnswer) => unknown): AnswerLie {
  return changed(keysPath, (body) => change(body as never))
}

export function eachSlot(change: (slot: Json) => Json): ChangeKeys {
  return (keys) => ({ ...keys, slots: keys.slots.map(change) })
}

export function eachWorkspace(
  change: (workspace: KeyAnswer['workspaces'][number]) => KeyAnswer['workspaces'][number],
): ChangeKeys {
  return (keys) => ({ ...keys, workspaces: keys.workspaces.map(change) })
}

/** Another derivation for each slot that has one. */
export function kdf(change: Json): ChangeKeys {
  return eachSlot((slot) =>
    slot['kdf'] === null ? slot : { ...slot, kdf: { ...(slot['kdf'] as Json), ...change } },
  )
}

export const flippedSlots = eachSlot((slot) => ({ ...slot, wrapped: flip(slot['wrapped']) }))

export const flippedDataKeys = eachWorkspace((workspace) => ({
  ...workspace,
  dataKeys: workspace.dataKeys.map((key) => ({ ...key, wrapped: flip(key['wrapped']) })),
}))

/** One character of Base64 changed. */
export function flip(wrapped: unknown): string {
  const text = String(wrapped)
  const at = 40
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}
