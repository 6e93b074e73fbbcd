/** Columns of a plaintext row, each as SQLite's text of it. */
export type RowText = Readonly<Record<string, string | null>>

/** One change of one row that a person made, with what their screen showed before. */
export interface Edit {
  readonly device: number
  /** `restore` brings back a row that this person knew as deleted. */
  readonly kind: 'create' | 'change' | 'delete' | 'restore'
  readonly table: string
  readonly id: string
  /** Null: there was no such row. */
  readonly before: RowText | null
  /** Null: deleted. */
  readonly after: RowText | null
}

/** A version of a row that a device keeps for a person's decision. */
export interface Kept {
  readonly device: number
  readonly table: string
  readonly id: string
  /** Null: the person deleted it. A part of the columns where only those were refused. */
  readonly row: RowText | null
}

/** A row of a plaintext table, and the seal of its twin. */
export interface DumpedRow {
  /** `table/id`. */
  readonly key: string
  readonly row: RowText
  readonly seal: string | null
}

/** Rows by `table/id`. */
export type Rows = ReadonlyMap<string, RowText>

export function groupByRow<T extends { readonly table: string; readonly id: string }>(
  entries: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const entry of entries) {
    const key = keyOf(entry)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  return groups
}

function keyOf({ table, id }: { readonly table: string; readonly id: string }): string {
  return `${table}/${id}`
}
