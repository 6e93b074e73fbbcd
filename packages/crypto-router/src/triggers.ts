import { inSyncOperation, localStore, twinPaths, twinStore } from './layout.ts'
import type { RowShape } from './shapes.ts'
import { quoteName, quoteText } from './sql.ts'

/** `sql` is exactly what SQLite keeps of it, so that an outdated trigger is recognised. */
export interface Trigger {
  readonly name: string
  readonly sql: string
}

/** Rank of a delete of the first table; deletes of children come before. */
export const deleteRank = 1_000
/** No upsert's rank is as high, and no delete's lower. */
export const leastDeleteRank = deleteRank / 2

/**
 * Note every local change, except the router's own writes and those of a clear. `base` is the row
 * as it was before the first change since it was last sealed, null when there was none.
 */
export function outTriggers(shape: RowShape): Trigger[] {
  const listening = `(SELECT mute + clearing FROM router_control) = 0`
  const on = (
    event: string,
    when: string,
    row: 'NEW' | 'OLD',
    rank: string,
    base: string,
    ...more: string[]
  ) =>
    trigger(
      `router_out_${event.toLowerCase()}_${shape.table}`,
      `AFTER ${event} ON ${quoteName(localStore(shape))} WHEN ${when}${listening}`,
      `INSERT INTO router_out(tbl, id, rank, base)
        VALUES (${quoteText(shape.table)}, ${row}.id, ${rank}, ${base})
        ON CONFLICT(tbl, id) DO UPDATE SET rank = excluded.rank, wait = NULL`,
      ...more,
    )
  // What the server lost of it is nobody's loss any more: that is judged anew.
  const judgeAnew = `INSERT INTO router_in(tbl, id, rank) SELECT tbl, id, ${shape.rank} FROM router_owed
      WHERE tbl = ${quoteText(shape.table)} AND id = OLD.id AND state IN ('lost', 'forked')
        AND settled_at IS NULL
      ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL`
  return [
    on('INSERT', '', 'NEW', upsertRank(shape, 'NEW'), 'NULL'),
    on('UPDATE', 'OLD.data IS NOT NEW.data AND ', 'NEW', upsertRank(shape, 'NEW'), 'OLD.data'),
    on('DELETE', '', 'OLD', `${deleteRank} - (${upsertRank(shape, 'OLD')})`, 'OLD.data', judgeAnew),
  ]
}

/** SQL of the rank of a row that stays; a row with a parent in its own table comes after it. */
export function upsertRank({ rank, parentColumn }: RowShape, row: string): string {
  if (parentColumn === null) return String(rank)
  return `${rank} + (json_extract(${row}.data, '$.${parentColumn}') IS NOT NULL)`
}

/**
 * Note what sync changes. Sync REPLACEs, also with identical rows: BEFORE INSERT keeps the row
 * that is there, and AFTER INSERT takes the note back when every column is as it was and the seal
 * is the one last written or opened. So an echo dies in SQL, before any crypto, and only then does
 * the server's word for a revision count, and what it owed of that seal is redeemed. A server that keeps the seal and changes a column is
 * noted, and found out at opening. Works with recursive_triggers on (REPLACE fires DELETE) or off.
 */
export function inTriggers(shape: RowShape): Trigger[] {
  const store = quoteName(twinStore(shape))
  const table = quoteText(shape.table)
  const newest = shape.newestBy === null ? 'NULL' : `json_extract(NEW.data, '$.${shape.newestBy}')`
  const note = `tbl = ${table} AND id = NEW.id`
  const paths = twinPaths(shape)
  return [
    trigger(
      `router_in_before_${shape.table}`,
      `BEFORE INSERT ON ${store} WHEN ${inSyncOperation}`,
      `INSERT INTO router_in(tbl, id, rank, newest, was) VALUES (${table}, NEW.id, ${shape.rank}, ${newest},
        coalesce((SELECT data FROM ${store} WHERE id = NEW.id), ''))
        ON CONFLICT(tbl, id) DO UPDATE SET newest = excluded.newest, was = '', wait = NULL,
          gone = NULL`,
    ),
    trigger(
      `router_in_after_${shape.table}`,
      `AFTER INSERT ON ${store} WHEN ${inSyncOperation}
        AND EXISTS (SELECT 1 FROM router_in WHERE ${note} AND was <> '')`,
      `DELETE FROM router_in WHERE ${note}
        AND json_extract(was, ${paths}) = json_extract(NEW.data, ${paths})
        AND json_extract(NEW.data, '$.seal') = (SELECT seal FROM router_seen WHERE ${note})`,
      `UPDATE router_in SET was = '', gone = NULL WHERE ${note}`,
      `UPDATE router_seen SET accepted = revision WHERE ${note} AND accepted < revision
        AND NOT EXISTS (SELECT 1 FROM router_in WHERE ${note})`,
      `DELETE FROM router_owed WHERE ${note} AND seal = json_extract(NEW.data, '$.seal')
        AND settled_at IS NULL AND NOT EXISTS (SELECT 1 FROM router_in WHERE ${note})`,
    ),
    trigger(
      `router_in_delete_${shape.table}`,
      `AFTER DELETE ON ${store} WHEN ${inSyncOperation}`,
      `INSERT INTO router_in(tbl, id, rank, gone) VALUES (${table}, OLD.id, ${shape.rank},
        json_extract(OLD.data, '$.workspace_id'))
        ON CONFLICT(tbl, id) DO UPDATE SET wait = NULL, gone = excluded.gone`,
    ),
  ]
}

function trigger(name: string, event: string, ...statements: string[]): Trigger {
  const sql = `CREATE TRIGGER ${quoteName(name)} ${event} BEGIN ${statements.join(';\n')}; END`
  return { name, sql }
}
