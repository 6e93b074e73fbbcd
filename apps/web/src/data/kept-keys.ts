import type { KeySlot, SlotKind } from '@sealbook/crypto'
import type { KeyBundle, WrappedDataKey } from './keys-api.ts'
import type { ServerLacks } from './session-types.ts'

/** A slot that this device holds. `opened`: it gave the user key that the ledger opens with. */
export interface KeptSlot {
  readonly slot: KeySlot
  readonly opened: boolean
}

/** A wrapped DEK that this device holds. `opened`: it unwrapped with the user key. */
export interface KeptDataKey extends WrappedDataKey {
  readonly workspaceId: string
  readonly opened: boolean
}

/**
 * Everything wrapped that a device holds of one person, in the order in which it came. What opened
 * here is good; the rest was offered by a server and is tried after it (ADR 40).
 */
export interface KeptKeys {
  readonly slots: readonly KeptSlot[]
  readonly dataKeys: readonly KeptDataKey[]
  /** Wrapped bytes of slots that a successor replaced here: they are not taken again. */
  readonly retired: readonly string[]
}

export const noKeptKeys: KeptKeys = { slots: [], dataKeys: [], retired: [] }

/**
 * Of one slot or DEK: the good or the first copy, and the two newest others. A server that offers
 * more only pushes out its own.
 */
const mostCopies = 3
const mostDataKeys = 1_000
const mostRetired = 50

/** Adds what a server offers. Takes nothing away that opened, and nothing because it is missing. */
export function addOffers(kept: KeptKeys, offered: KeyBundle): KeptKeys {
  let { slots, dataKeys } = kept
  for (const slot of offered.slots) {
    if (kept.retired.includes(slot.wrapped) || slots.some((held) => isSameSlot(held.slot, slot)))
      continue
    slots = withCopy(slots, { slot, opened: false }, (held) => held.slot.kind === slot.kind)
  }
  for (const { workspaceId, dataKeys: keys } of offered.workspaces) {
    for (const { keyVersion, wrapped } of keys) {
      const candidate: KeptDataKey = { workspaceId, keyVersion, wrapped, opened: false }
      if (dataKeys.some((held) => isSamePlace(held, candidate) && held.wrapped === wrapped))
        continue
      if (dataKeys.length < mostDataKeys || dataKeys.some((held) => isSamePlace(held, candidate)))
        dataKeys = withCopy(dataKeys, candidate, (held) => isSamePlace(held, candidate))
    }
  }
  return slots === kept.slots && dataKeys === kept.dataKeys ? kept : { ...kept, slots, dataKeys }
}

/** Keeps what was made on this device: good, without having been offered. */
export function addOwn(kept: KeptKeys, own: KeyBundle): KeptKeys {
  const added = addOffers(kept, own)
  return own.slots.reduce(
    markSlot,
    markDataKeys(
      added,
      own.workspaces.flatMap(({ workspaceId, dataKeys }) =>
        dataKeys.map((key) => ({ ...key, workspaceId, opened: true })),
      ),
    ),
  )
}

/**
 * After an unlock with `slot`: it takes the place of the copies that came before it. Of those, one
 * that had opened is not taken again: a server cannot bring an old secret key back.
 */
export function markSlot(kept: KeptKeys, slot: KeySlot): KeptKeys {
  const ofKind = kept.slots.filter((held) => held.slot.kind === slot.kind)
  const at = ofKind.findIndex((held) => isSameSlot(held.slot, slot))
  if (at === 0 && ofKind[0]?.opened === true) return kept
  const replaced = ofKind.slice(0, Math.max(at, 0)).filter((held) => held.opened)
  const later = ofKind.slice(at + 1)
  return {
    ...kept,
    slots: [
      ...kept.slots.filter((held) => held.slot.kind !== slot.kind),
      { slot, opened: true },
      ...later,
    ],
    retired: [...kept.retired, ...replaced.map((held) => held.slot.wrapped)].slice(-mostRetired),
  }
}

/** After these unwrapped: each comes before the copies that did not. */
export function markDataKeys(kept: KeptKeys, opened: readonly KeptDataKey[]): KeptKeys {
  const isNews = (held: KeptDataKey) =>
    !held.opened && opened.some((good) => isSamePlace(good, held) && good.wrapped === held.wrapped)
  if (!kept.dataKeys.some(isNews)) return kept
  const marked = kept.dataKeys.map((held) => (isNews(held) ? { ...held, opened: true } : held))
  return { ...kept, dataKeys: marked }
}

/** Slots of one kind, in the order in which they are tried: what opened here, then the newest. */
export function slotsToTry(kept: KeptKeys, kind: SlotKind): readonly KeySlot[] {
  const ofKind = kept.slots.filter((held) => held.slot.kind === kind).toReversed()
  return [...ofKind.filter((held) => held.opened), ...ofKind.filter((held) => !held.opened)].map(
    (held) => held.slot,
  )
}

/** DEKs of one workspace at one version, in the same order. */
export function groupDataKeys(
  kept: KeptKeys,
): ReadonlyMap<string, ReadonlyMap<number, readonly KeptDataKey[]>> {
  const groups = new Map<string, Map<number, KeptDataKey[]>>()
  for (const key of [...kept.dataKeys].sort((a, b) => Number(b.opened) - Number(a.opened))) {
    const versions = groups.get(key.workspaceId) ?? new Map<number, KeptDataKey[]>()
    versions.set(key.keyVersion, [...(versions.get(key.keyVersion) ?? []), key])
    groups.set(key.workspaceId, versions)
  }
  return groups
}

/** What the server can be given: the copies of this device in places where it listed none. */
export function missingOn(listed: KeyBundle, kept: KeptKeys): KeyBundle {
  const kinds = ['secret-key', 'recovery-key'] as const
  const slots = kinds.flatMap((kind) => {
    const ofKind = kept.slots.filter((held) => held.slot.kind === kind)
    const best = ofKind.find((held) => held.opened) ?? ofKind[0]
    const isListed = listed.slots.some((slot) => slot.kind === kind)
    return isListed || best === undefined ? [] : [best.slot]
  })
  const workspaces = new Map<string, WrappedDataKey[]>()
  for (const { workspaceId, keyVersion, wrapped, opened } of kept.dataKeys) {
    const there = listed.workspaces.find((each) => each.workspaceId === workspaceId)
    if (!opened || there?.dataKeys.some((key) => key.keyVersion === keyVersion)) continue
    const others = workspaces.get(workspaceId) ?? []
    if (others.some((key) => key.keyVersion === keyVersion)) continue
    workspaces.set(workspaceId, [...others, { keyVersion, wrapped }])
  }
  return {
    slots,
    workspaces: [...workspaces].map(([workspaceId, dataKeys]) => ({ workspaceId, dataKeys })),
  }
}

/** Of `kept`, what `before` held too. */
export function inBoth(kept: KeptKeys, before: KeptKeys): KeptKeys {
  return {
    ...kept,
    slots: kept.slots.filter(({ slot }) =>
      before.slots.some((held) => isSameSlot(held.slot, slot)),
    ),
    dataKeys: kept.dataKeys.filter((key) =>
      before.dataKeys.some((held) => isSamePlace(held, key) && held.wrapped === key.wrapped),
    ),
  }
}

/** Null when nothing is missing. */
export function lacksOf(missing: KeyBundle): ServerLacks | null {
  const lacks = { slots: missing.slots.length > 0, workspace: missing.workspaces.length > 0 }
  return lacks.slots || lacks.workspace ? lacks : null
}

/** The server moves a slot's version, which nothing binds: the same slot at another one is the same. */
export function isSameSlot(a: KeySlot, b: KeySlot): boolean {
  return (
    a.id === b.id &&
    a.kind === b.kind &&
    a.wrapped === b.wrapped &&
    a.kdf?.algorithm === b.kdf?.algorithm &&
    a.kdf?.memoryKiB === b.kdf?.memoryKiB &&
    a.kdf?.passes === b.kdf?.passes &&
    a.kdf?.salt === b.kdf?.salt
  )
}

function isSamePlace(a: KeptDataKey, b: KeptDataKey): boolean {
  return a.workspaceId === b.workspaceId && a.keyVersion === b.keyVersion
}

/** Appends a copy; where there are too many, the oldest but the good or the first one goes. */
function withCopy<T extends { readonly opened: boolean }>(
  all: readonly T[],
  copy: T,
  isCopy: (held: T) => boolean,
): readonly T[] {
  const copies = all.filter(isCopy)
  const anchor = copies.find((held) => held.opened) ?? copies[0]
  const spare = copies.find((held) => held !== anchor && !held.opened)
  const room = copies.length >= mostCopies ? all.filter((held) => held !== spare) : all
  return [...room, copy]
}
