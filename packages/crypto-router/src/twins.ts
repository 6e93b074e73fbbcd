import type { WorkspaceKeys } from '@sealbook/crypto'
import { findingOf, type Finding } from './faults.ts'
import { twinStore } from './layout.ts'
import { openRow, type OpenedRow } from './rows.ts'
import type { RouterKeys } from './seal-step.ts'
import type { RowShape } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'

export interface Twin {
  readonly id: string
  /** Null: the row is gone. */
  readonly data: string | null
  readonly accepted: number
  /** The row was changed here too and not sealed since. */
  readonly changedHere: boolean
  /** What the router last wrote or opened, and the columns that it did not know then. */
  readonly seenSeal: string | null
  readonly seenExtra: string | null
  /** What the server refused, while its own row is awaited. */
  readonly held: string | null
}

/** Twins of the next notes of a table after `skipped` ones, newest first. */
export async function readTwins(
  tx: SqlTransaction,
  shape: RowShape,
  limit: number,
  skipped: number,
): Promise<Twin[]> {
  const rows = await selectRows(
    tx,
    `SELECT note.id, t.data, s.accepted, o.id IS NOT NULL, s.seal, s.extra, o.held
      FROM (SELECT id FROM router_in WHERE wait IS NULL AND rank = ? AND tbl = ?
        ORDER BY newest DESC LIMIT ? OFFSET ?) AS note
      LEFT JOIN ${quoteName(twinStore(shape))} AS t ON t.id = note.id
      LEFT JOIN router_seen AS s ON s.tbl = ? AND s.id = note.id
      LEFT JOIN router_out AS o ON o.tbl = ? AND o.id = note.id`,
    [shape.rank, shape.table, limit, skipped, shape.table, shape.table],
  )
  return rows.map(([id, data, accepted, changedHere, seenSeal, seenExtra, held]) => ({
    id: String(id),
    data: data === null ? null : String(data),
    accepted: Number(accepted ?? 0),
    changedHere: Number(changedHere) === 1,
    seenSeal: seenSeal === null ? null : String(seenSeal),
    seenExtra: seenExtra === null ? null : String(seenExtra),
    held: held === null ? null : String(held),
  }))
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

  /** @param accepted highest revision that came from the server before. */
  open(shape: RowShape, id: string, data: string, accepted: number): OpenedRow | Finding {
    const opened = this.#takeAhead(id, data) ?? this.#open(shape, id, data)
    if ('state' in opened) return opened
    const { row, workspaceId } = opened
    if (row.revision >= accepted) return row
    return { id, workspaceId, state: 'tampered', reason: 'rolled-back' }
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
