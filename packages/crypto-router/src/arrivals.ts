import type { OwedGround, OwedKind } from './owed.ts'

/** What the server still owes for a row: an acknowledged change, or one of the three problems. */
export interface Owed {
  readonly state: 'receipt' | OwedKind
  readonly ground: OwedGround
  /** Of the row that it should have; null where the row should be gone. */
  readonly seal: string | null
  readonly revision: number
}

/** What this device remembers of a row that arrives. */
export interface Remembered {
  readonly owed: Owed | null
  /** Highest revision that came from the server, and its seal where that is known. */
  readonly accepted: number
  readonly acceptedSeal: string | null
  /** Revision of the delete that the server confirmed; null where the row was not deleted. */
  readonly gone: number | null
}

/** The version that proved sound; its revision and seal. */
export interface Arrived {
  readonly revision: number
  readonly seal: string
  /** It says what the row here says; asked only of a row that is owed, or in a break. */
  readonly isSame: boolean
}

export type ArrivalVerdict =
  | { readonly kind: 'accept'; readonly redeems: boolean }
  | { readonly kind: 'rolled-back' }
  | { readonly kind: OwedKind; readonly ground: OwedGround; readonly owed: Omit<Owed, 'state'> }

/**
 * Whether what sync says of a row is followed. What once opened here stays until its successor has
 * opened, and what the server acknowledged is held against it until it comes back.
 * @param arrived null: the row is gone.
 * @param isBroken the server's memory went back, so nothing that is missing was deleted by anybody,
 * and no revision tells what it was built on.
 */
export function judgeArrival(
  remembered: Remembered,
  arrived: Arrived | null,
  isBroken: boolean,
): ArrivalVerdict {
  const { owed, accepted, acceptedSeal, gone } = remembered
  const fromOwed = owed === null ? null : judgeOwed(owed, arrived, isBroken)
  if (fromOwed !== null) return fromOwed
  const known = { seal: acceptedSeal, revision: accepted }
  const ground = isBroken ? 'break' : 'accepted'
  if (arrived === null) {
    if (isBroken) return problem('lost', ground, known)
    return { kind: 'accept', redeems: false }
  }
  if (gone !== null && (isBroken || arrived.revision <= gone)) {
    return problem('returned', ground, { seal: null, revision: gone })
  }
  if (arrived.revision < accepted) {
    return isBroken ? problem('lost', ground, known) : { kind: 'rolled-back' }
  }
  const isFork =
    arrived.revision === accepted && acceptedSeal !== null && arrived.seal !== acceptedSeal
  if (isFork) return problem('forked', ground, known)
  // Written by somebody to whom the server showed an older version, for all that is known. Where no
  // seal is remembered, the person has taken the server's version.
  const isOther = acceptedSeal !== null && arrived.seal !== acceptedSeal && !arrived.isSame
  if (isBroken && isOther) return problem('lost', ground, known)
  return { kind: 'accept', redeems: false }
}

/**
 * A higher revision counts as built on what was acknowledged only while nothing speaks against it.
 * Once the server was found without it, others may have written on top of what it had instead.
 */
function judgeOwed(owed: Owed, arrived: Arrived | null, isBroken: boolean): ArrivalVerdict {
  const redeemed: ArrivalVerdict = { kind: 'accept', redeems: true }
  const { state, ground, seal, revision } = owed
  const isTrusted = state === 'receipt' && !isBroken
  if (isTrusted && arrived !== null && arrived.revision > revision) return redeemed
  if (state === 'returned' || (state === 'receipt' && seal === null)) {
    return arrived === null ? redeemed : problem('returned', ground, owed)
  }
  const isThere = arrived !== null && (arrived.seal === seal || arrived.isSame)
  if (isThere) return redeemed
  // A fork that is gone: what is here is missing there all the same.
  const kind = state === 'forked' && arrived !== null ? 'forked' : 'lost'
  return problem(kind, ground, { seal, revision })
}

function problem(
  kind: OwedKind,
  ground: OwedGround,
  { seal, revision }: Pick<Owed, 'seal' | 'revision'>,
): ArrivalVerdict {
  return { kind, ground, owed: { ground, seal, revision } }
}
