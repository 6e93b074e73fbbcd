import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { exactAmount } from './amount-sql.ts'

/**
 * `search_text`: for each transaction the groups of three characters of its folded payee, note and
 * amount, so that a search reads only rows that may answer. FTS5 without the text itself.
 *
 * Folding is not SQLite's, so a trigger cannot do it: it only notes the row in `search_stale`, and
 * `fillSearchIndex` brings such rows up to date later. A search therefore asks both, and checks
 * every row that it finds: the index may be behind, but an answer never is.
 *
 * Rows are known by their `rowid`, which stays for as long as nobody runs VACUUM.
 */
const sourceTable = 'ps_data_local__transactions'
/** Named by version: another text needs another number, and is then filled anew. */
const triggerNames = {
  insert: 'search_v1_insert',
  update: 'search_v1_update',
  remove: 'search_v1_delete',
} as const

/** Before the amount's digits, so that their beginning can be searched for. */
const amountMark = '\u0001\u0001'
const gramLength = 3
/** Enough to tell a word, and few enough for any text that is pasted. */
const mostGrams = 12

interface StaleRow {
  readonly row: number
  readonly id: string | null
  readonly payee: string | null
  readonly note: string | null
  readonly amount: number
}

/** At every open, after PowerSync made its tables. All rows are stale when its triggers were not there. */
export async function installSearchIndex(db: AbstractPowerSyncDatabase): Promise<void> {
  await db.writeTransaction(async (tx) => {
    const { found } = await tx.get<{ found: number }>(
      `SELECT count(*) AS found FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?
        AND name IN (SELECT value FROM json_each(?))`,
      [sourceTable, JSON.stringify(Object.values(triggerNames))],
    )
    if (found === Object.keys(triggerNames).length) return
    for (const statement of createStatements()) await tx.execute(statement)
  })
}

function createStatements(): string[] {
  const note = (row: string) =>
    `INSERT INTO search_stale (row) VALUES (${row}.rowid) ON CONFLICT (row) DO NOTHING;`
  return [
    ...Object.values(triggerNames).map((name) => `DROP TRIGGER IF EXISTS ${name}`),
    'DROP TABLE IF EXISTS search_text',
    'DROP TABLE IF EXISTS search_stale',
    `CREATE VIRTUAL TABLE search_text USING fts5(text, content = '', contentless_delete = 1,
      detail = none, tokenize = 'trigram case_sensitive 1')`,
    'CREATE TABLE search_stale (row INTEGER PRIMARY KEY)',
    `INSERT INTO search_stale SELECT rowid FROM ${sourceTable}`,
    `CREATE TRIGGER ${triggerNames.insert} AFTER INSERT ON ${sourceTable} BEGIN ${note('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.update} AFTER UPDATE ON ${sourceTable} BEGIN ${note('NEW')} END`,
    `CREATE TRIGGER ${triggerNames.remove} AFTER DELETE ON ${sourceTable} BEGIN ${note('OLD')} END`,
  ]
}

/** Brings up to `maxRows` stale rows up to date, in one transaction; how many it were. */
export async function fillSearchIndex(
  db: AbstractPowerSyncDatabase,
  maxRows: number,
): Promise<number> {
  return db.writeTransaction(async (tx) => {
    const stale = await tx.getAll<StaleRow>(
      `SELECT search_stale.row AS row, source.id AS id, source.data ->> '$.payee' AS payee,
         source.data ->> '$.note' AS note,
         coalesce(${exactAmount("CAST(source.data ->> '$.amount' AS INTEGER)")}, 0) AS amount
       FROM search_stale LEFT JOIN ${sourceTable} AS source ON source.rowid = search_stale.row
       ORDER BY search_stale.row DESC LIMIT ?`,
      [maxRows],
    )
    if (stale.length === 0) return 0
    const gone = stale.filter(({ id }) => id === null).map(({ row }) => row)
    const texts = stale.filter(({ id }) => id !== null).map((row) => [row.row, indexedText(row)])
    await tx.execute('DELETE FROM search_text WHERE rowid IN (SELECT value FROM json_each(?))', [
      JSON.stringify(gone),
    ])
    await tx.execute(
      `INSERT OR REPLACE INTO search_text (rowid, text)
       SELECT value ->> 0, value ->> 1 FROM json_each(?)`,
      [JSON.stringify(texts)],
    )
    await tx.execute('DELETE FROM search_stale WHERE row IN (SELECT value FROM json_each(?))', [
      JSON.stringify(stale.map(({ row }) => row)),
    ])
    return stale.length
  })
}

function indexedText({ payee, note, amount }: StaleRow): string {
  const text = `${foldText(`${payee ?? ''}\n${note ?? ''}`)}\n${amountMark}${digitsOf(amount)}`
  // FTS5 would stop reading at it.
  return text.replaceAll('\0', ' ')
}

/** Lower case, without accents, so that `cafe` finds `Café`. */
export function foldText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** FTS5's expression for rows whose folded text may hold the word; null when it cannot tell. */
export function textExpression(foldedWord: string): string | null {
  const characters = [...foldedWord]
  // What SQLite would store otherwise than JavaScript reads it.
  if (characters.length < gramLength || /[\0\p{Cs}]/u.test(foldedWord)) return null
  const grams = new Set<string>()
  const ends = Math.min(characters.length - gramLength + 1, mostGrams)
  for (let at = 0; at < ends; at += 1) grams.add(characters.slice(at, at + gramLength).join(''))
  return `(${[...grams].map((gram) => `"${gram.replaceAll('"', '""')}"`).join(' AND ')})`
}

/**
 * Likewise for rows whose amount may begin with these digits, which may have a point that the
 * account's currency places.
 */
export function amountExpression(amount: string): string | null {
  const digits = amount.replace('.', '').replace(/^0+/, '')
  return digits === '' ? null : textExpression(amountMark + digits)
}

function digitsOf(amountMinor: number): string {
  return String(amountMinor).replace('-', '')
}
