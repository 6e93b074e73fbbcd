/** A person's or row's id: a lower-case UUID. */
export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** How a column's value is stored on the device and checked by the server. */
export type VisibleColumn =
  | {
      readonly visibility: 'visible'
      readonly type: 'id'
      readonly nullable: boolean
      readonly references?: string
    }
  | { readonly visibility: 'visible'; readonly type: 'date'; readonly nullable: boolean }
  | { readonly visibility: 'visible'; readonly type: 'month'; readonly nullable: boolean }
  | { readonly visibility: 'visible'; readonly type: 'instant'; readonly nullable: boolean }
  | {
      readonly visibility: 'visible'
      readonly type: 'integer'
      readonly nullable: boolean
      readonly min: number
      readonly max: number
    }
  | { readonly visibility: 'visible'; readonly type: 'currency'; readonly nullable: boolean }
  | {
      readonly visibility: 'visible'
      readonly type: 'choice'
      readonly nullable: boolean
      readonly choices: readonly string[]
    }

/**
 * A column that leaves the device only as an envelope.
 * `maxBytes` bounds the UTF-8 plaintext of `text` and `decimal`; an integer is 8 bytes.
 * On the device every sealed column may be null. Where `nullable`, a null leaves the device as
 * null, so that the server sees whether there is a value; otherwise it is sealed like any value.
 */
export type SealedColumn =
  | {
      readonly visibility: 'sealed'
      readonly type: 'text' | 'decimal'
      readonly nullable: boolean
      readonly maxBytes: number
      /** How two versions become one that has both; without it they do not. */
      readonly joins?: 'paragraphs' | 'lines'
    }
  | { readonly visibility: 'sealed'; readonly type: 'integer'; readonly nullable: boolean }

export type Column = VisibleColumn | SealedColumn

/**
 * Columns that mean something only together, so that two devices' changes of them never mix: they
 * merge as one field. With `when`, only once that column was changed on either side.
 */
export interface MergeGroup {
  readonly columns: readonly string[]
  readonly when?: string
}

/** One kind of record: a `localOnly` plaintext table and its `*_encrypt` twin. */
export interface Entity {
  /** Name of the plaintext table, for instance `transactions`. */
  readonly table: string
  /** Own columns, without the common ones. */
  readonly columns: Readonly<Record<string, Column>>
  /** Column lists of the plaintext table's SQLite indexes, by index name. */
  readonly localIndexes: Readonly<Record<string, readonly string[]>>
  /** A column that is in none merges for itself. */
  readonly mergeGroups: readonly MergeGroup[]
}

const id = (references?: string) =>
  references === undefined
    ? ({ visibility: 'visible', type: 'id', nullable: false } as const)
    : ({ visibility: 'visible', type: 'id', nullable: false, references } as const)

const sealed = <const T extends 'text' | 'decimal', const N extends boolean>(
  type: T,
  maxBytes: number,
  nullable: N,
) => ({ visibility: 'sealed', type, maxBytes, nullable }) as const

/** Column builders, so that a definition reads as a table. */
export const column = {
  /** Lower-case UUID; `references` names the plaintext table of the parent, in the same workspace. */
  id,
  optionalId: (references?: string) => ({ ...id(references), nullable: true }) as const,
  /** `YYYY-MM-DD`. */
  date: { visibility: 'visible', type: 'date', nullable: false },
  optionalDate: { visibility: 'visible', type: 'date', nullable: true },
  /** `YYYY-MM`. */
  month: { visibility: 'visible', type: 'month', nullable: false },
  /** Milliseconds since 1970, an integer. */
  instant: { visibility: 'visible', type: 'instant', nullable: false },
  optionalInstant: { visibility: 'visible', type: 'instant', nullable: true },
  /** ISO 4217 code. */
  currency: { visibility: 'visible', type: 'currency', nullable: false },
  integer: (min: number, max: number) =>
    ({ visibility: 'visible', type: 'integer', nullable: false, min, max }) as const,
  choice: <const C extends readonly string[]>(choices: C) =>
    ({ visibility: 'visible', type: 'choice', nullable: false, choices }) as const,
  sealedText: (maxBytes: number) => sealed('text', maxBytes, false),
  /** Text of paragraphs. */
  sealedNote: (maxBytes: number) =>
    ({ ...sealed('text', maxBytes, false), joins: 'paragraphs' }) as const,
  /** A number as text, for instance a rate: `-1.25`, no exponent and no needless zero in front. */
  sealedDecimal: (maxBytes: number) => sealed('decimal', maxBytes, false),
  sealedInteger: { visibility: 'sealed', type: 'integer', nullable: false },
  /** The optional ones are null on the server too: for what few rows have, or older rows lack. */
  optionalSealedText: (maxBytes: number) => sealed('text', maxBytes, true),
  /** A list with one item a line. */
  optionalSealedLines: (maxBytes: number) =>
    ({ ...sealed('text', maxBytes, true), joins: 'lines' }) as const,
  optionalSealedDecimal: (maxBytes: number) => sealed('decimal', maxBytes, true),
  optionalSealedInteger: { visibility: 'sealed', type: 'integer', nullable: true },
} as const satisfies Record<string, Column | ((...args: never[]) => Column)>

/** Columns that every entity has, on both sides. */
export const commonColumns = {
  workspace_id: column.id(),
  created_at: column.instant,
  updated_at: column.instant,
} as const satisfies Record<string, Column>

/**
 * Columns that every twin has beside those. `author_id` is who made this revision; null where an
 * older client made the row.
 */
export const twinOnlyColumns = ['revision', 'seal', 'author_id'] as const

/** Own and common columns of the plaintext table, without `id`. */
export function localColumns(entity: Entity): Readonly<Record<string, Column>> {
  return { ...commonColumns, ...entity.columns }
}

/** Every column of the twin, without `id`. */
export function twinColumnNames(entity: Entity): string[] {
  return [...Object.keys(localColumns(entity)), ...twinOnlyColumns]
}

export function visibleColumnNames(entity: Entity): string[] {
  return columnNames(entity, 'visible')
}

export function sealedColumnNames(entity: Entity): string[] {
  return columnNames(entity, 'sealed')
}

/** Name of the twin that syncs, for instance `transactions_encrypt`. */
export function encryptTable(entity: Pick<Entity, 'table'>): string {
  return `${entity.table}_encrypt`
}

function columnNames(entity: Entity, visibility: Column['visibility']): string[] {
  return Object.entries(localColumns(entity))
    .filter(([, definition]) => definition.visibility === visibility)
    .map(([name]) => name)
}
