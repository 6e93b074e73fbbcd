import { entityOf, isEdited, mergeRows } from '@sealbook/schema'
import { deletedBase } from './bases.ts'
import type { Clash } from './conflicts.ts'
import { removeNotes } from './journal.ts'
import { documentColumnList, localColumnList, readLocalValues } from './local-rows.ts'
import { encodeLocalRow, type LocalValues } from './rows.ts'
import type { RowShape } from './shapes.ts'
import { quoteName, selectRows, type SqlTransaction } from './sql.ts'

/** The other side's version of a row that was changed here too; null where it is gone. */
export interface Contested {
  readonly id: string
  readonly theirs: LocalValues | null
  /** Who made that version; null where that is not known, as of a delete. */
  readonly authorId: string | null
}

/** How the plaintext table is to show a contested row. */
export type Shown =
  | { readonly kind: 'theirs' }
  /** Left as it is: the person's change stands and is sealed on top of the other version. */
  | { readonly kind: 'mine' }
  | { readonly kind: 'merged'; readonly json: string }

export interface MergeOutcome {
  readonly shown: ReadonlyMap<string, Shown>
  readonly clashes: readonly Clash[]
}

/**
 * Merges rows that were changed on both sides. What of a local change stands stays noted, now made
 * on the other version; what does not is a clash, of which both values are kept.
 */
export async function mergeContested(
  tx: SqlTransaction,
  shape: RowShape,
  contested: readonly Contested[],
): Promise<MergeOutcome> {
  const shown = new Map<string, Shown>()
  const clashes: Clash[] = []
  const settled: string[] = []
  const rebased: [id: string, base: string][] = []
  const contestedById = new Map(contested.map((each) => [each.id, each]))
  for (const change of await readChanges(tx, shape, [...contestedById.keys()])) {
    const { theirs, authorId } = contestedById.get(change.id) ?? gone
    const verdict = judge(shape, change, theirs, authorId)
    shown.set(change.id, verdict.shown)
    if (verdict.clash !== null) clashes.push(verdict.clash)
    if (verdict.shown.kind === 'theirs') settled.push(change.id)
    else rebased.push([change.id, theirs === null ? deletedBase : encodeLocalRow(shape, theirs)])
  }
  await removeNotes(tx, 'router_out', shape.table, settled)
  await rebaseNotes(tx, shape, rebased)
  return { shown, clashes }
}

/** A local change that is not sealed. */
interface Change {
  readonly id: string
  /** Null: deleted here. */
  readonly mine: LocalValues | null
  /** Null: made on no row. */
  readonly base: LocalValues | null
  /** The person knew that the row was deleted elsewhere. */
  readonly bringsBack: boolean
}

async function readChanges(
  tx: SqlTransaction,
  shape: RowShape,
  ids: readonly string[],
): Promise<Change[]> {
  if (ids.length === 0) return []
  const rows = await selectRows(
    tx,
    `SELECT j.value, l.id, o.base, ${localColumnList(shape, 'l')}, ${documentColumnList(shape, 'o.base')}
      FROM json_each(?) AS j
      LEFT JOIN ${quoteName(shape.table)} AS l ON l.id = j.value
      LEFT JOIN router_out AS o ON o.tbl = ? AND o.id = j.value`,
    [JSON.stringify(ids), shape.table],
  )
  const mineStart = 3
  const baseStart = mineStart + shape.columns.length
  return rows.map((cells) => {
    const [id, localId, base] = cells
    const hasBase = base !== null && base !== deletedBase
    return {
      id: String(id),
      mine: localId === null ? null : readLocalValues(shape, cells, mineStart),
      base: hasBase ? readLocalValues(shape, cells, baseStart) : null,
      bringsBack: base === deletedBase,
    }
  })
}

interface Verdict {
  readonly shown: Shown
  readonly clash: Clash | null
}

const gone = { theirs: null, authorId: null }

function judge(
  shape: RowShape,
  change: Change,
  theirs: LocalValues | null,
  authorId: string | null,
): Verdict {
  const entity = entityOf(shape.table)
  const { id, mine, base, bringsBack } = change
  const agreed: Verdict = { shown: { kind: 'theirs' }, clash: null }
  const mineStands: Verdict = { shown: { kind: 'mine' }, clash: null }
  const clash = (fields: readonly (readonly string[])[]): Clash => ({
    id,
    workspaceId: workspaceOf(mine) ?? workspaceOf(theirs),
    ...encodeSides(shape, { base, mine, theirs }),
    authorId,
    fields,
  })
  if (mine === null && theirs === null) return agreed
  if (mine === null || theirs === null) {
    if (bringsBack && theirs === null) return mineStands
    const other = mine ?? theirs
    if (base !== null && other !== null && !isEdited(entity, base, other)) {
      return mine === null ? mineStands : agreed // a delete of what nobody edited
    }
    return { shown: { kind: 'theirs' }, clash: clash([]) }
  }
  const merge = mergeRows(entity, base, mine, theirs)
  return {
    shown: merge.takesMine
      ? { kind: 'merged', json: encodeLocalRow(shape, merge.values) }
      : { kind: 'theirs' },
    clash: merge.conflicts.length === 0 ? null : clash(merge.conflicts),
  }
}

function encodeSides(
  shape: RowShape,
  sides: Readonly<Record<'base' | 'mine' | 'theirs', LocalValues | null>>,
): Pick<Clash, 'base' | 'mine' | 'theirs'> {
  const encode = (values: LocalValues | null) =>
    values === null ? null : encodeLocalRow(shape, values)
  return { base: encode(sides.base), mine: encode(sides.mine), theirs: encode(sides.theirs) }
}

function workspaceOf(values: LocalValues | null): string | null {
  const workspaceId = values?.['workspace_id']
  return typeof workspaceId === 'string' ? workspaceId : null
}

/** The server's row is here: nothing holds them any more. */
async function rebaseNotes(
  tx: SqlTransaction,
  shape: RowShape,
  rebased: readonly (readonly [id: string, base: string])[],
): Promise<void> {
  if (rebased.length === 0) return
  await tx.execute(
    `UPDATE router_out SET base = j.value ->> 1, held = NULL FROM json_each(?) AS j
      WHERE tbl = ? AND router_out.id = j.value ->> 0`,
    [JSON.stringify(rebased), shape.table],
  )
}
