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
}

export type ArrivalVerdict =
  | { readonly kind: 'accept'; readonly redeems: boolean }
  | { readonly kind: 'rolled-back' }
  | { readonly kind: OwedKind; readonly ground: OwedGround; readonly owed: Omit<Owed, 'state'> }

/**
 * Whether what sync says of a row is followed. What once opened here stays until its successor has
 * opened, and what the server acknowledged is held against it until it comes back.
 * @param arrived null: the row is gone.
 * @param isBroken the server's memory went back, so nothing that is missing was deleted by anybody.
 */
export function judgeArrival(
  remembered: Remembered,
  arrived: Arrived | null,
  isBroken: boolean,
): ArrivalVerdict {
  const { owed, accepted, acceptedSeal, gone } = remembered
  const fromOwed = owed === null ? null : judgeOwed(owed, arrived)
  if (fromOwed !== null) return fromOwed
  const known = { seal: acceptedSeal, revision: accepted }
  const ground = isBroken ? 'break' : 'accepted'
  if (arrived === null) {
    if (isBroken) return problem('lost', ground, known)
    return { kind: 'accept', redeems: false }
  }
  if (gone !== null && arrived.revision <= gone) {
    return problem('returned', ground, { seal: null, revision: gone })
  }
  if (arrived.revision < accepted) {
    return isBroken ? problem('lost', ground, known) : { kind: 'rolled-back' }
  }
  const isFork =
    arrived.revision === accepted && acceptedSeal !== null && arrived.seal !== acceptedSeal
  if (isFork) return problem('forked', ground, known)
  return { kind: 'accept', redeems: false }
}

function judgeOwed(owed: Owed, arrived: Arrived | null): ArrivalVerdict {
  const redeemed: ArrivalVerdict = { kind: 'accept', redeems: true }
  const { state, ground, seal, revision } = owed
  const isThere = seal === null ? arrived === null : arrived?.seal === seal
  if (isThere || (arrived !== null && arrived.revision > revision)) return redeemed
  if (seal === null) return problem('returned', ground, owed)
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
