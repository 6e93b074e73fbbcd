import type { WorkspaceKeys } from '@sealbook/crypto'
import type { Owed, Remembered } from './arrivals.ts'
import { findingOf, type Finding } from './faults.ts'
import { twinStore } from './layout.ts'
import { localColumnList, readLocalValues } from './local-rows.ts'
import { openRow, type LocalValues, type OpenedRow } from './rows.ts'
import type { RouterKeys } from './seal-step.ts'
import { acceptedSealOf } from './seen.ts'
import type { RowShape } from './shapes.ts'
import { quoteName, quoteText, selectRows, type SqlTransaction, type SqlValue } from './sql.ts'

export interface Twin extends Remembered {
  readonly id: string
  /** Null: the row is gone. */
  readonly data: string | null
  /** The row was changed here too and not sealed since. */
  readonly changedHere: boolean
  /** What the router last wrote or opened, and the columns that it did not know then. */
  readonly seenSeal: string | null
  readonly seenExtra: string | null
  /** What the server refused, while its own row is awaited. */
  readonly held: string | null
  /** The row as it is here, null where there is none; undefined where it was not asked for. */
  readonly here: LocalValues | null | undefined
}

/**
 * Twins of the next notes of a table after `skipped` ones, newest first.
 * @param hasOwed whether the server owes any row of the table.
 * @param withHere whether the rows as they are here are to be read too.
 */
export async function readTwins(
  tx: SqlTransaction,
  shape: RowShape,
  limit: number,
  skipped: number,
  hasOwed: boolean,
  withHere: boolean,
): Promise<Twin[]> {
  const owed = hasOwed ? 'w.state, w.ground, w.seal, w.revision' : 'NULL, NULL, NULL, NULL'
  const owedJoin = hasOwed
    ? `LEFT JOIN router_owed AS w ON w.tbl = ${quoteText(shape.table)} AND w.id = note.id
        AND w.settled_at IS NULL`
    : ''
  const here = withHere ? `, l.id, ${localColumnList(shape, 'l')}` : ''
  const hereJoin = withHere ? `LEFT JOIN ${quoteName(shape.table)} AS l ON l.id = note.id` : ''
  const rows = await selectRows(
    tx,
    `SELECT note.id, t.data, s.accepted, o.id IS NOT NULL, s.seal, s.extra, o.held,
        ${acceptedSealOf('s')}, s.gone, ${owed}${here}
      FROM (SELECT id FROM router_in WHERE wait IS NULL AND rank = ? AND tbl = ?
        ORDER BY newest DESC LIMIT ? OFFSET ?) AS note
      LEFT JOIN ${quoteName(twinStore(shape))} AS t ON t.id = note.id
      LEFT JOIN router_seen AS s ON s.tbl = ? AND s.id = note.id
      LEFT JOIN router_out AS o ON o.tbl = ? AND o.id = note.id
      ${owedJoin} ${hereJoin}`,
    [shape.rank, shape.table, limit, skipped, shape.table, shape.table],
  )
  return rows.map((cells) => {
    const [id, data, accepted, changedHere, seenSeal, seenExtra, held, ...rest] = cells
    const [acceptedSeal, gone, ...owed] = rest
    const hereId = cells[hereStart]
    return {
      id: String(id),
      data: textOrNull(data),
      accepted: Number(accepted ?? 0),
      acceptedSeal: textOrNull(acceptedSeal),
      gone: gone === null ? null : Number(gone),
      owed: toOwed(owed),
      changedHere: Number(changedHere) === 1,
      seenSeal: textOrNull(seenSeal),
      seenExtra: textOrNull(seenExtra),
      held: textOrNull(held),
      here: !withHere
        ? undefined
        : hereId === null
          ? null
          : readLocalValues(shape, cells, hereStart + 1),
    }
  })
}

/** Where the row as it is here begins among the cells of a twin. */
const hereStart = 13

function toOwed([state, ground, seal, revision]: readonly SqlValue[]): Owed | null {
  if (state === null) return null
  return {
    state: state as Owed['state'],
    ground: ground as Owed['ground'],
    seal: textOrNull(seal),
    revision: Number(revision),
  }
}

function textOrNull(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

/** A row that was opened before its transaction. */
interface Ahead {
  readonly data: string
  readonly workspaceId: string
  readonly keys: WorkspaceKeys
  readonly row: OpenedRow
}

/** Opens twins, some of them before the transaction that needs them. */
export class TwinOpener {
  readonly #keys: RouterKeys
  readonly #ahead = new Map<string, Ahead>()

  constructor(keys: RouterKeys) {
    this.#keys = keys
  }

  open(shape: RowShape, id: string, data: string): OpenedRow | Finding {
    const opened = this.#takeAhead(id, data) ?? this.#open(shape, id, data)
    return 'state' in opened ? opened : opened.row
  }

  /**
   * Opens what the next transaction will begin with while SQLite commits this one: in a moment,
   * when the caller has asked for that. It only counts while the twin and the keys are the same.
   * What cannot be read is left to `open`, whose caller hears of it.
   */
  openAhead(shape: RowShape, twins: readonly Pick<Twin, 'id' | 'data'>[]): void {
    setTimeout(() => {
      this.#ahead.clear()
      try {
        for (const { id, data } of twins) {
          const opened = data === null ? null : this.#open(shape, id, data)
          if (opened !== null && !('state' in opened)) this.#ahead.set(id, opened)
        }
      } catch {
        this.#ahead.clear()
      }
    })
  }

  #takeAhead(id: string, data: string): Ahead | undefined {
    const ahead = this.#ahead.get(id)
    if (ahead === undefined) return undefined
    this.#ahead.delete(id)
    const isCurrent = ahead.data === data && this.#keys.get(ahead.workspaceId) === ahead.keys
    return isCurrent ? ahead : undefined
  }

  #open(shape: RowShape, id: string, data: string): Ahead | Finding {
    const stored = JSON.parse(data) as Readonly<Record<string, unknown>>
    const workspaceId = stored['workspace_id']
    if (typeof workspaceId !== 'string') {
      return { id, workspaceId: null, state: 'tampered', reason: 'malformed' }
    }
    const keys = this.#keys.get(workspaceId)
    if (keys === undefined) return { id, workspaceId, state: 'locked', reason: 'locked' }
    const row = openRow(shape, keys, id, stored)
    if (!row.ok) return findingOf(id, workspaceId, row.error)
    return { data, workspaceId, keys, row: row.value }
  }
}
