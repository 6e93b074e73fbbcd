import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { ReplacedError, requireGeneration } from './generation.ts'
import {
  readRouterProgress,
  releaseNotes,
  waitingWorkspaces,
  type InWait,
  type RouterProgress,
} from './journal.ts'
import { openTwins, type OpenOutcome } from './open-step.ts'
import { NewerSchemaError, requireOwnSchema } from './schema-version.ts'
import { judgeIncoming } from './brake.ts'
import { endBreak, noticeBreak } from './lives.ts'
import { carryOutDecisions } from './owed-decisions.ts'
import { settleCoveredReceipts } from './receipts.ts'
import { sealStep, type RouterKeys, type SealStepOutcome } from './seal-step.ts'
import { shapes } from './shapes.ts'
import { releaseHeldChanges } from './take-back.ts'
import { selectRows, type SqlTransaction } from './sql.ts'
import { TwinOpener } from './twins.ts'
import type { CheckRow } from './unruly.ts'

/** Sizes and times; the defaults suit a browser's Worker. */
export interface RouterTuning {
  /** Local changes a transaction: each is an entry of one upload transaction. */
  readonly sealRows: number
  /** Rows a bulk statement of opening. */
  readonly openRows: number
  /** Rows a transaction of opening: few, large transactions are fastest. */
  readonly openTransactionRows: number
  /** Time after which such a transaction ends early where somebody waits for the database. */
  readonly openTransactionMs: number
  /** After a transaction of opening, before the next: time for the screen to read what it brought. */
  readonly lookMs: number
  /** After a look at the journals: what changes meanwhile is worked on together. */
  readonly restMs: number
  /** `onChange` can lose an event: look anyway after this time. */
  readonly pollMs: number
  /** Wait after a failed step; doubles with every further one, up to 32 times. */
  readonly retryMs: number
}

const defaultTuning: RouterTuning = {
  sealRows: 500,
  openRows: 500,
  openTransactionRows: 10_000,
  openTransactionMs: 250,
  lookMs: 150,
  restMs: 15,
  pollMs: 5_000,
  retryMs: 500,
}

export interface CryptoRouterDeps {
  readonly db: AbstractPowerSyncDatabase
  readonly keys: RouterKeys
  /** The person's id: who makes what is sealed here. */
  readonly authorId: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Called after every transaction that did something. */
  readonly onProgress?: (progress: RouterProgress) => void
  /** A step that failed and will be tried again, or rows that cannot be sealed. */
  readonly onError?: (error: unknown) => void
  /** A newer version of the app has opened the database: the router has stopped for good. */
  readonly onOutdated?: () => void
  /** By `claimGeneration`. A router without one is never replaced. */
  readonly generation?: number
  /** Another router claimed a later generation: this one has stopped for good. */
  readonly onReplaced?: () => void
  /** Whether somebody else waits for the database. Without it that is taken for granted. */
  readonly isAwaited?: () => Promise<boolean>
  /** Rows that break these rules are noted (`readRowFaults`), and routed like any other. */
  readonly checkRow?: CheckRow
  readonly tuning?: Partial<RouterTuning>
}

/** Rows that this router has handled since it was created; echoes are not among them. */
export interface RouterTotals {
  readonly sealed: number
  readonly opened: number
}

/** Local rows that no column format holds: a bug of whoever wrote them. They wait, noted. */
export class UnsealableRowsError extends Error {
  readonly tables: readonly string[]

  constructor(tables: readonly string[]) {
    super(`${tables.length} local rows cannot be sealed`)
    this.name = 'UnsealableRowsError'
    this.tables = tables
  }
}

/**
 * Mirrors plaintext tables to their encrypted twins and back. The caller holds the Web Lock, so
 * that one router a browser works; two at once would only do needless work, as a step is one
 * write transaction. `installRouter` comes first.
 */
export interface CryptoRouter {
  /** Works until `stop`, woken by changes, by `wake` and by a slow poll. */
  start(): void
  /** Resolves once no step is running. */
  stop(): Promise<void>
  /** Look now; rows that wait for keys are tried again. Call it when keys have arrived. */
  wake(): void
  /** Works until both journals are empty or hold only rows that wait, without a pause for a screen. */
  drain(): Promise<RouterProgress>
  totals(): RouterTotals
}

export function createCryptoRouter(deps: CryptoRouterDeps): CryptoRouter {
  return new Router(deps)
}

const locked: readonly InWait[] = ['locked']
const lockedOrStale: readonly InWait[] = ['locked', 'stale-key']
const mostRetryDoublings = 5

class Router implements CryptoRouter {
  readonly #deps: CryptoRouterDeps
  readonly #tuning: RouterTuning
  readonly #opener: TwinOpener
  #totals = { sealed: 0, opened: 0 }
  #loop: Promise<void> | null = null
  #running = false
  /** Something may have changed since the journals were last looked at. */
  #signalled = false
  #retryStaleKeys = true
  #interrupt: (() => void) | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(deps: CryptoRouterDeps) {
    this.#deps = deps
    this.#tuning = { ...defaultTuning, ...deps.tuning }
    this.#opener = new TwinOpener(deps.keys)
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#loop = this.#work(this.#loop)
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#interrupt?.()
    await this.#loop
    await this.#turn
  }

  wake(): void {
    this.#retryStaleKeys = true
    this.#signal()
  }

  async drain(): Promise<RouterProgress> {
    this.#retryStaleKeys = true
    await this.#inTurn(() => this.#drainJournals(() => true, 0))
    return readRouterProgress(this.#deps.db)
  }

  totals(): RouterTotals {
    return { ...this.#totals }
  }

  #signal(): void {
    this.#signalled = true
    this.#interrupt?.()
  }

  async #work(before: Promise<void> | null): Promise<void> {
    await before
    const tables = shapes.flatMap((shape) => [shape.table, shape.twin])
    const unwatch = this.#deps.db.onChange(
      { onChange: () => this.#signal() },
      { tables, throttleMs: 0 },
    )
    let failures = 0
    while (this.#running) {
      // Cleared before looking: a change that comes during a step is looked at after it.
      this.#signalled = false
      try {
        await this.#inTurn(() => this.#drainJournals(() => this.#running, this.#tuning.lookMs))
        failures = 0
      } catch (error) {
        if (error instanceof NewerSchemaError || error instanceof ReplacedError) {
          this.#running = false
          if (error instanceof ReplacedError) this.#deps.onReplaced?.()
          else this.#deps.onOutdated?.()
          break
        }
        failures = Math.min(failures + 1, mostRetryDoublings + 1)
        this.#deps.onError?.(error)
      }
      if (failures > 0) await this.#pause(this.#tuning.retryMs * 2 ** (failures - 1), false)
      else {
        await this.#pause(this.#tuning.restMs, false)
        await this.#pause(this.#tuning.pollMs, true)
      }
    }
    unwatch()
  }

  /** Sleeps until the time is up or the router stops; a signal ends it too, where it may. */
  async #pause(ms: number, untilSignal: boolean): Promise<void> {
    const over = () => !this.#running || (untilSignal && this.#signalled)
    if (over()) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#interrupt = () => {
        if (!over()) return
        clearTimeout(timer)
        resolve()
      }
    })
    this.#interrupt = null
  }

  /** One after the other, so that a `drain` beside the loop does not compete with it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #drainJournals(goOn: () => boolean, lookMs: number): Promise<void> {
    const { isAwaited, onProgress, db } = this.#deps
    const { openRows } = this.#tuning
    let hasOpened = false
    let turn: Turn = { worked: null, handled: 0, isLeft: false }
    do {
      turn = await this.#takeTurn(turn.worked, hasOpened)
      if (turn.worked === 'open') {
        // The newest rows are on the screen before the bulk of them is opened. Where it is known
        // who waits, whoever has looked does not, and the next transaction may be a long one.
        const isLookedAt = !hasOpened || isAwaited !== undefined
        if (isLookedAt && turn.isLeft && turn.handled >= openRows) await delay(lookMs)
        hasOpened = true
      }
      if (turn.handled > 0) onProgress?.(await readRouterProgress(db))
    } while (turn.isLeft && goOn())
  }

  /** Looks, and works on one journal: not twice on the same while the other has notes too. */
  async #takeTurn(before: Turn['worked'], hasOpened: boolean): Promise<Turn> {
    const { db, generation } = this.#deps
    const turn = await db.writeTransaction(async (tx): Promise<Turn> => {
      let [notes] = await Promise.all([
        findNotes(tx),
        requireOwnSchema(tx),
        requireGeneration(tx, generation),
      ])
      if (before === null && (notes.waiting || notes.held || notes.receipts || notes.decided)) {
        if (notes.waiting) await this.#releaseWaiting(tx)
        if (notes.held) await releaseHeldChanges(tx)
        if (notes.receipts) await settleCoveredReceipts(tx)
        if (notes.decided) await carryOutDecisions(tx, this.#tuning.openRows, this.#deps.now())
        notes = await findNotes(tx)
      }
      if (before === null || notes.gone) notes = await this.#judgeAbsence(tx, notes)
      const done = await this.#workOn(tx, notes, before, hasOpened)
      if (done.handled === 0) return { ...done, isLeft: false }
      // A look of its own would stand in the way of the screen, which is about to read.
      const left = await findNotes(tx)
      return { ...done, isLeft: left.out || left.in }
    })
    // Not before it is committed.
    this.#totals.sealed += turn.sealed ?? 0
    this.#totals.opened += turn.opened ?? 0
    if (turn.unsealable !== undefined && turn.unsealable.length > 0) {
      this.#deps.onError?.(new UnsealableRowsError(turn.unsealable.map((note) => note.table)))
    }
    return turn
  }

  /** Before anything that vanished is believed to be deleted. */
  async #judgeAbsence(tx: SqlTransaction, notes: Notes): Promise<Notes> {
    const now = this.#deps.now()
    const isInBreak = await noticeBreak(tx, now)
    if (!notes.gone) {
      if (isInBreak) await endBreak(tx)
      return notes
    }
    await judgeIncoming(tx, isInBreak, now)
    return findNotes(tx)
  }

  async #workOn(
    tx: SqlTransaction,
    notes: Notes,
    before: Turn['worked'],
    hasOpened: boolean,
  ): Promise<Omit<Turn, 'isLeft'>> {
    const { keys, authorId, now, checkRow } = this.#deps
    const { sealRows, openRows, openTransactionRows } = this.#tuning
    if (notes.out && (before !== 'seal' || !notes.in)) {
      const sealed = await sealStep(tx, keys, authorId, sealRows, now(), checkRow)
      if (sealed.handled > 0 || !notes.in) return { worked: 'seal', ...sealed }
    }
    if (!notes.in) return { worked: before, handled: 0 }
    const opened = await this.#open(tx, hasOpened ? openTransactionRows : openRows)
    return { worked: 'open', ...opened }
  }

  /** Rows of workspaces whose keys are here by now; stale ones only when asked, or they would spin. */
  async #releaseWaiting(tx: SqlTransaction): Promise<void> {
    const waits = this.#retryStaleKeys ? lockedOrStale : locked
    this.#retryStaleKeys = false
    for (const workspaceId of await waitingWorkspaces(tx)) {
      if (this.#deps.keys.get(workspaceId) !== undefined) await releaseNotes(tx, workspaceId, waits)
    }
  }

  #open(tx: SqlTransaction, atMost: number): Promise<OpenOutcome> {
    const { now, checkRow, isAwaited } = this.#deps
    const { openRows, openTransactionMs } = this.#tuning
    const start = now()
    let mayBeAwaited = isAwaited === undefined
    const isOver = () => {
      // It answers by the next step: nobody waits for the answer.
      isAwaited?.().then(
        (answer) => (mayBeAwaited = answer),
        () => (mayBeAwaited = true),
      )
      return mayBeAwaited && now() - start >= openTransactionMs
    }
    const limits = { stepRows: openRows, rows: atMost, isOver }
    return openTwins(tx, this.#opener, limits, start, checkRow)
  }
}

/** What one transaction of the router did. */
interface Turn extends Partial<SealStepOutcome & OpenOutcome> {
  /** Null before the first. */
  readonly worked: 'seal' | 'open' | null
  readonly handled: number
  /** There are notes that can be worked on now. */
  readonly isLeft: boolean
}

interface Notes {
  readonly out: boolean
  readonly in: boolean
  /** Some wait for keys. */
  readonly waiting: boolean
  /** Some wait for the server's row. */
  readonly held: boolean
  /** Acknowledged changes have not come back. */
  readonly receipts: boolean
  /** What the person decided about rows that the server owes was interrupted. */
  readonly decided: boolean
  /** Rows that vanished on the server are to be judged, or wait for an answer. */
  readonly gone: boolean
}

async function findNotes(tx: SqlTransaction): Promise<Notes> {
  const [found] = await selectRows(
    tx,
    `SELECT EXISTS (SELECT 1 FROM router_out WHERE wait IS NULL AND held IS NULL),
      EXISTS (SELECT 1 FROM router_in WHERE wait IS NULL),
      EXISTS (SELECT 1 FROM router_out WHERE wait IS NOT NULL)
        OR EXISTS (SELECT 1 FROM router_in WHERE wait IS NOT NULL),
      EXISTS (SELECT 1 FROM router_out WHERE held IS NOT NULL),
      EXISTS (SELECT 1 FROM router_owed WHERE state = 'receipt'),
      EXISTS (SELECT 1 FROM router_owed WHERE choice IS NOT NULL AND settled_at IS NULL),
      EXISTS (SELECT 1 FROM router_in WHERE gone IS NOT NULL)
        OR EXISTS (SELECT 1 FROM router_brakes WHERE direction = 'in')`,
  )
  const [out, incoming, waiting, held, receipts, decided, gone] = (found ?? []).map(
    (cell) => cell === 1,
  )
  return {
    out: out === true,
    in: incoming === true,
    waiting: waiting === true,
    held: held === true,
    receipts: receipts === true,
    decided: decided === true,
    gone: gone === true,
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
