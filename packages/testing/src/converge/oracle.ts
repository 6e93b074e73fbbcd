import { groupByRow, type Edit, type Kept, type RowText, type Rows } from './history.ts'

/** What went wrong with one row, or with one edit of it. */
export interface Finding {
  readonly kind: 'lost-edit' | 'lost-delete' | 'invented-value' | 'invented-row' | 'disagreement'
  readonly key: string
  readonly column: string | null
  readonly detail: string
}

/** Columns that every edit writes, by the clock of its device: nobody misses an old one. */
const clockColumns = new Set(['updated_at'])

/**
 * Every edit of every column must be in the result, or replaced by an edit of somebody who saw it,
 * or kept on its device for a decision; and the result holds nothing that nobody wrote. Edits
 * carry values of their own wherever a column's type has room for that.
 */
export function judge(
  edits: readonly Edit[],
  result: Rows,
  kept: readonly Kept[],
): readonly Finding[] {
  const findings: Finding[] = []
  const editsByRow = groupByRow(edits)
  const keptByRow = groupByRow(kept)
  for (const [key, ofRow] of editsByRow) {
    const row = result.get(key) ?? null
    const inboxes = keptByRow.get(key) ?? []
    for (const edit of ofRow) findings.push(...judgeEdit(key, edit, ofRow, row, inboxes))
  }
  for (const [key, row] of result) {
    const ofRow = editsByRow.get(key)
    if (ofRow === undefined) findings.push(finding('invented-row', key, null, 'nobody made it'))
    else findings.push(...judgeValues(key, row, ofRow))
  }
  return findings
}

function judgeEdit(
  key: string,
  edit: Edit,
  ofRow: readonly Edit[],
  row: RowText | null,
  inboxes: readonly Kept[],
): Finding[] {
  const own = inboxes.filter(({ device }) => device === edit.device)
  const { before, after } = edit
  if (after === null) {
    const isUndone = ofRow.some(({ kind }) => kind === 'restore')
    const isFine = row === null || isUndone || own.some((version) => version.row === null)
    return isFine ? [] : [finding('lost-delete', key, null, `device ${edit.device}`)]
  }
  return Object.keys(after).flatMap((column) => {
    const value = after[column] ?? null
    if (clockColumns.has(column) || value === (before?.[column] ?? null)) return []
    const isFine =
      (row !== null && (row[column] ?? null) === value) ||
      ofRow.some((other) => other !== edit && replaces(other, column, value)) ||
      own.some((version) => version.row !== null && version.row[column] === value)
    return isFine ? [] : [finding('lost-edit', key, column, `device ${edit.device}: ${value}`)]
  })
}

/** Somebody saw the value and wrote another, or deleted the row. */
function replaces({ before, after }: Edit, column: string, value: string | null): boolean {
  if (before === null || (before[column] ?? null) !== value) return false
  return after === null || (after[column] ?? null) !== value
}

function judgeValues(key: string, row: RowText, ofRow: readonly Edit[]): Finding[] {
  return Object.keys(row).flatMap((column) => {
    const value = row[column] ?? null
    const isWritten = ofRow.some(({ after }) => after !== null && (after[column] ?? null) === value)
    return isWritten ? [] : [finding('invented-value', key, column, String(value))]
  })
}

/** Where two copies of the same rows differ. */
export function compareRows(who: string, rows: Rows, expected: Rows): readonly Finding[] {
  const findings: Finding[] = []
  for (const key of new Set([...rows.keys(), ...expected.keys()])) {
    const [row, wanted] = [rows.get(key), expected.get(key)]
    if (row === undefined || wanted === undefined) {
      const detail = row === undefined ? `${who} lacks it` : `only ${who} has it`
      findings.push(finding('disagreement', key, null, detail))
      continue
    }
    for (const column of new Set([...Object.keys(row), ...Object.keys(wanted)])) {
      const [value, other] = [row[column] ?? null, wanted[column] ?? null]
      if (value === other) continue
      findings.push(finding('disagreement', key, column, `${who}: ${value}, server: ${other}`))
    }
  }
  return findings
}

function finding(
  kind: Finding['kind'],
  key: string,
  column: string | null,
  detail: string,
): Finding {
  return { kind, key, column, detail }
}
