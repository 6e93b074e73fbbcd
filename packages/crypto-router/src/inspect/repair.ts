import { entityOf, mergeRows } from '@sealbook/schema'
import { recordClashes } from '../conflicts.ts'
import { noteTwin, noteLocalRow } from '../journal.ts'
import { putTwin, removeTwin } from '../layout.ts'
import { encodeLocalRow, type LocalValues, type OpenedRow, type TwinValues } from '../rows.ts'
import type { RouterKeys } from '../seal-step.ts'
import { shapeOf, type RowShape } from '../shapes.ts'
import type { SqlTransaction } from '../sql.ts'
import { readQueued, readSides, type RowSides } from './sides.ts'
import { differingColumn, judge, sealState, type ServerSide, type Verdict } from './verdict.ts'

/** What a repair did. The router does the rest, from its journals. */
export type Repair =
  /** There is nothing wrong any more. */
  | { readonly did: 'nothing' }
  /** `keptInInbox`: the plaintext that gave way is kept as a conflict, for the person to decide. */
  | {
      readonly did: 'opened-again' | 'fetched-again' | 'removed'
      readonly keptInInbox: boolean
    }
  /** `sealed-again`: the plaintext is the newer one. `sent-again`: the server lost the row. */
  | { readonly did: 'sealed-again' | 'sent-again' }
  | { readonly did: 'left'; readonly why: LeftReason }

export type LeftReason =
  /** The twin does not open, and the server has the same or nothing better. */
  | 'does-not-open'
  /** What the server holds was sealed by no member, or for another place. */
  | 'server-row-does-not-open'
  /** The server holds an older version than it gave this device before. */
  | 'server-went-back'
  /** Its key is not on this device yet. */
  | 'waits-for-key'
  | 'unsealable'
  /** The person is asked about it, under Problems. */
  | 'needs-decision'
  /** It takes the server's row, and the server could not be asked. */
  | 'needs-server'
  /** The server says that it was deleted, but sync brings no delete: by that it would go. */
  | 'not-deleted-by-sync'

export interface RepairInput {
  readonly table: string
  readonly id: string
  readonly keys: RouterKeys
  /** Undefined: it could not be asked. */
  readonly server: ServerSide | undefined
  readonly now: number
}

/**
 * Derives the side that is wrong from the one that is right: plaintext from a twin that opens, a
 * twin from an edit that was never sealed, and what the server does not agree with from the server's
 * row where that proves sound. Whatever a person may have written and would be gone is recorded as
 * a conflict first. To be called inside one write transaction, which judges the row anew.
 */
export async function repairRow(tx: SqlTransaction, input: RepairInput): Promise<Repair> {
  const shape = shapeOf(input.table)
  const [sides] = await readSides(tx, shape, [input.id])
  if (sides === undefined) return { did: 'nothing' }
  const queued = (await readQueued(tx, shape, [input.id])).get(input.id) ?? []
  const { server } = input
  const verdict = judge(sides, input.keys, server === undefined ? undefined : { queued, server })
  return new Repairing(tx, shape, sides, input).repair(verdict)
}

class Repairing {
  readonly #tx: SqlTransaction
  readonly #shape: RowShape
  readonly #sides: RowSides
  readonly #input: RepairInput

  constructor(tx: SqlTransaction, shape: RowShape, sides: RowSides, input: RepairInput) {
    this.#tx = tx
    this.#shape = shape
    this.#sides = sides
    this.#input = input
  }

  async repair({ kind }: Verdict): Promise<Repair> {
    switch (kind) {
      case 'same':
      case 'waits-to-seal':
      case 'waits-to-open':
      case 'waits-to-upload':
        return { did: 'nothing' }
      case 'unsealable':
        return { did: 'left', why: 'unsealable' }
      case 'server-lost':
      case 'server-returned':
      case 'server-forked':
        return { did: 'left', why: 'needs-decision' }
      case 'twin-locked':
      case 'twin-stale-key':
        return { did: 'left', why: 'waits-for-key' }
      case 'plaintext-missing':
        return this.#openAgain()
      case 'plaintext-differs':
        return this.#settlePlaintext()
      case 'twin-missing':
        return this.#makeTwin()
      case 'twin-tampered':
        return this.#replaceTwin('does-not-open')
      case 'server-differs':
      case 'device-missing':
        return this.#replaceTwin('server-row-does-not-open')
      case 'server-missing':
        return this.#followServerLoss()
    }
  }

  /** The later of the two is what somebody wrote last. */
  async #settlePlaintext(): Promise<Repair> {
    const { plaintext, twin } = this.#sides
    const isNewer = updatedAt(plaintext) > updatedAt(twin)
    return isNewer ? this.#sealAgain('sealed-again') : this.#openAgain()
  }

  async #openAgain(): Promise<Repair> {
    const opened = this.#openTwin()
    const keptInInbox = await this.#keepPlaintext(opened)
    await noteTwin(this.#tx, this.#shape, this.#sides.id)
    return { did: 'opened-again', keptInInbox }
  }

  async #sealAgain(did: 'sealed-again' | 'sent-again'): Promise<Repair> {
    await noteLocalRow(this.#tx, this.#shape, this.#sides.id)
    return { did }
  }

  async #makeTwin(): Promise<Repair> {
    const { seen } = this.#sides
    if (this.#input.server?.row) return this.#replaceTwin('server-row-does-not-open')
    const wasDeleted = seen !== null && seen.seal === null
    if (this.#input.server === undefined && seen !== null && !wasDeleted) {
      return { did: 'left', why: 'needs-server' }
    }
    if (wasDeleted || this.#wasDeletedElsewhere()) return this.#remove()
    return this.#sealAgain('sealed-again')
  }

  /** By the server's row, if that proves sound; otherwise the device keeps what it has. */
  async #replaceTwin(whyLeft: LeftReason): Promise<Repair> {
    const { id, twin, seen } = this.#sides
    const { keys, server } = this.#input
    if (server === undefined) return { did: 'left', why: 'needs-server' }
    const row = server.row
    if (row === null) return { did: 'left', why: whyLeft }
    const accepted = seen?.accepted ?? 0
    const seal = sealState(this.#shape, keys, id, row, accepted)
    if (seal.state !== 'sound') return { did: 'left', why: leftReason(seal, whyLeft) }
    // Behind the server and with nothing of its own, the device only catches up.
    const isOnlyBehind =
      twin !== null && twin['revision'] === accepted && seal.row.revision > accepted
    const keptInInbox = isOnlyBehind ? false : await this.#keepPlaintext(seal.row)
    await putTwin(this.#tx, this.#shape, id, storedRow(row))
    await noteTwin(this.#tx, this.#shape, id)
    return { did: 'fetched-again', keptInInbox }
  }

  /**
   * Lost without a trace, this device's is sent again. That it was deleted is the word of one
   * answer, against that of sync; it counts only for a change that no sync will tell of, which is
   * kept.
   */
  async #followServerLoss(): Promise<Repair> {
    const { twin, seen } = this.#sides
    if (this.#wasDeletedElsewhere()) {
      const isAsSyncLeftIt = twin?.['revision'] === seen?.accepted
      return isAsSyncLeftIt ? { did: 'left', why: 'not-deleted-by-sync' } : this.#remove()
    }
    await removeTwin(this.#tx, this.#shape, this.#sides.id)
    return this.#sealAgain('sent-again')
  }

  async #remove(): Promise<Repair> {
    const { id } = this.#sides
    const keptInInbox = await this.#keepPlaintext(null)
    await removeTwin(this.#tx, this.#shape, id)
    await noteTwin(this.#tx, this.#shape, id)
    return { did: 'removed', keptInInbox }
  }

  /** @returns whether there was anything to keep. */
  async #keepPlaintext(theirs: OpenedRow | null): Promise<boolean> {
    const { table, id, plaintext, sealNote } = this.#sides
    if (plaintext === null) return false
    // A change that waits to be sealed: opening sees the clash itself.
    if (sealNote !== null) return true
    if (theirs !== null && differingColumn(this.#shape, plaintext, theirs.values) === null) {
      return false
    }
    const workspace = plaintext['workspace_id']
    const clash = {
      id,
      workspaceId: typeof workspace === 'string' ? workspace : null,
      base: null,
      mine: encodeLocalRow(this.#shape, plaintext),
      theirs: theirs === null ? null : encodeLocalRow(this.#shape, theirs.values),
      authorId: theirs?.authorId ?? null,
      // What both were made from is not known: all that differs is asked.
      fields:
        theirs === null ? [] : mergeRows(entityOf(table), null, plaintext, theirs.values).conflicts,
    }
    await recordClashes(this.#tx, table, [clash], this.#input.now)
    return true
  }

  #wasDeletedElsewhere(): boolean {
    const { server } = this.#input
    return server !== undefined && server.deletedRevision !== null
  }

  #openTwin(): OpenedRow | null {
    const { id, twin, seen } = this.#sides
    if (twin === null) return null
    const seal = sealState(this.#shape, this.#input.keys, id, twin, seen?.accepted ?? 0)
    return seal.state === 'sound' ? seal.row : null
  }
}

function leftReason(
  seal: { readonly state: string; readonly reason?: string },
  otherwise: LeftReason,
) {
  if (seal.state !== 'tampered') return 'waits-for-key'
  return seal.reason === 'rolled-back' ? 'server-went-back' : otherwise
}

/** As sync would store it. */
function storedRow(row: TwinValues): TwinValues {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'id'))
}

function updatedAt(row: LocalValues | TwinValues | null): number {
  return Number(row?.['updated_at'] ?? 0)
}
