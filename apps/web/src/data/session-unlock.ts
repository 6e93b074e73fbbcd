import type { KeySlot, SlotKind } from '@sealbook/crypto'
import { isSameSlot, slotsToTry } from './kept-keys.ts'
import { done, type SessionCore, type SessionDeps } from './session-core.ts'
import type { Entry } from './session-entry.ts'
import type { KeyKeeper } from './session-keys.ts'
import type { AskError, RecoveryUnlockError, Result, UnlockError, User } from './session-types.ts'
import { openWithRecoveryKey, openWithSecretKey, type OpenedSlot } from './unlocking.ts'

interface UnusableSlot {
  readonly kind: 'unusable-slot'
}

/** Unlocking tries what opened here before, then what a server offered, and remembers which it was. */
export function createUnlocking(
  core: SessionCore,
  keeper: KeyKeeper,
  entry: Entry,
  { device, derivation }: SessionDeps,
) {
  return {
    unlock: ({ secretKey, stayUnlocked }: { secretKey: string; stayUnlocked: boolean }) =>
      unlockBy<UnlockError>('secret-key', stayUnlocked, (slot, { id }) =>
        openWithSecretKey(slot, id, secretKey, derivation),
      ),

    unlockWithRecoveryKey: (input: { words: readonly string[]; stayUnlocked: boolean }) =>
      unlockBy<RecoveryUnlockError>('recovery-key', input.stayUnlocked, (slot, { id }) =>
        Promise.resolve(openWithRecoveryKey(slot, id, input.words)),
      ),
  }

  async function unlockBy<E extends UnlockError | RecoveryUnlockError>(
    kind: SlotKind,
    stayUnlocked: boolean,
    open: (slot: KeySlot, user: User) => Promise<Result<OpenedSlot, E>>,
  ): Promise<Result<void, E | AskError | UnusableSlot>> {
    const user = core.requireUser()
    const tried: KeySlot[] = []
    let failure: E | AskError | null = null
    /** Null when none of those that are new opens. */
    const tryKept = async (): Promise<typeof done | null> => {
      const slots = slotsToTry(await device.readKeys(user.id), kind)
      for (const slot of slots.filter((each) => !tried.some((old) => isSameSlot(old, each)))) {
        tried.push(slot)
        const opened = await open(slot, user)
        const result = opened.ok ? await enterWith(user, opened.value, stayUnlocked) : opened
        if (result.ok) return done
        failure = worthMore<E | AskError>(failure, result.error)
      }
      return null
    }
    const known = await tryKept()
    if (known !== null) return known
    // It may have been changed on another device since the slots were kept here.
    const asked = await keeper.refresh(user)
    const fresh = await tryKept()
    if (fresh !== null) return fresh
    if (failure !== null) return { ok: false, error: failure }
    return asked.ok ? { ok: false, error: { kind: 'unusable-slot' } } : asked
  }

  async function enterWith(
    user: User,
    { slot, userKey }: OpenedSlot,
    stayUnlocked: boolean,
  ): Promise<Result<void, AskError>> {
    const entered = await entry.unlockWith(user, userKey, stayUnlocked)
    if (entered.ok && core.state.value.kind !== 'workspace-missing')
      await keeper.approve(user, slot)
    return entered
  }
}

/** What tells the person most: a slot that cannot be used may be a stranger's. */
function worthMore<E extends { readonly kind: string }>(before: E | null, now: E): E {
  return before === null || worth(now.kind) > worth(before.kind) ? now : before
}

function worth(kind: string): number {
  if (kind === 'unusable-slot') return 0
  const isAboutTheKey = kind.startsWith('wrong-') || kind.startsWith('malformed-')
  return isAboutTheKey || kind === 'not-enough-memory' ? 1 : 2
}
