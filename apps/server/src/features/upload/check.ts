import {
  uuidSchema,
  type RefusalCode,
  type UploadError,
  type UploadOperation,
} from '@sealbook/schema/upload'
import type { z } from 'zod'
import type { Row, TwinTable } from './tables.ts'

/** What an operation was made on. */
export interface Base {
  readonly revision: number
  readonly seal: string | null
}

/** An operation whose form is right; whether it fits the stored rows is `decide`'s question. */
export type Operation =
  | { kind: 'put'; index: number; table: TwinTable; id: string; row: Row; base: Base | null }
  | {
      kind: 'patch'
      index: number
      table: TwinTable
      id: string
      changes: Partial<Row>
      base: Base
    }
  | { kind: 'delete'; index: number; table: TwinTable; id: string; base: Base }

/** A permanent no to one operation. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly code: RefusalCode
  readonly detail: string
  readonly current?: Row | null
  readonly deletedRevision?: number
}

export function refuse(code: RefusalCode, detail: string): Refusal {
  return { kind: 'refusal', code, detail }
}

export function toUploadError(
  index: number,
  given: UploadOperation,
  refusal: Refusal,
): UploadError {
  const { code, detail, current, deletedRevision } = refusal
  return {
    index,
    table: given.table,
    id: given.id,
    code,
    retryable: false,
    detail,
    ...(current === undefined ? {} : { current }),
    ...(deletedRevision === undefined ? {} : { deletedRevision }),
  }
}

/** Checks everything that needs no database. @param userId whose session it is. */
export function checkOperation(
  tables: ReadonlyMap<string, TwinTable>,
  userId: string,
  given: UploadOperation,
  index: number,
): Operation | Refusal {
  const table = tables.get(given.table)
  if (table === undefined) return refuse('unknown-table', 'no such table syncs')
  if (!uuidSchema.safeParse(given.id).success) {
    return refuse('invalid-operation', 'id is not a lower-case UUID')
  }
  const { id } = given
  const base = given.previous ? toBase(given.previous) : null
  switch (given.op) {
    case 'PUT':
      return checkPut(table, userId, given, index, base)
    case 'PATCH': {
      if (base === null) return refuse('invalid-operation', 'a PATCH needs previous.revision')
      const checked = table.validators.patch.safeParse(given.data ?? {})
      if (!checked.success) return explain(table, given, checked.error)
      if (isByAnother(userId, checked.data)) return wrongAuthor
      return { kind: 'patch', index, table, id, base, changes: checked.data }
    }
    case 'DELETE':
      if (base === null) return refuse('invalid-operation', 'a DELETE needs previous.revision')
      return { kind: 'delete', index, table, id, base }
  }
}

function checkPut(
  table: TwinTable,
  userId: string,
  given: UploadOperation,
  index: number,
  base: Base | null,
): Operation | Refusal {
  const checked = table.validators.put.safeParse(given.data ?? {})
  if (!checked.success) return explain(table, given, checked.error)
  if (isByAnother(userId, checked.data)) return wrongAuthor
  const row = { ...checked.data, id: given.id } as Row
  if (table.oneRowAWorkspace && row.id !== row.workspace_id) {
    return refuse('invalid-data', 'this row has the id of its workspace')
  }
  return { kind: 'put', index, table, id: given.id, row, base }
}

const wrongAuthor = refuse('wrong-author', 'author_id is not who is signed in')

/** A change of an older client names nobody. */
function isByAnother(userId: string, cells: Readonly<Record<string, unknown>>): boolean {
  const author = cells['author_id'] ?? null
  return author !== null && author !== userId
}

/** The worst problem: plaintext where an envelope belongs is what must be seen. */
function explain(table: TwinTable, given: UploadOperation, error: z.ZodError): Refusal {
  const problems = [...table.sealed].map((column) => {
    const codes = error.issues.filter(({ path }) => path[0] === column).map(({ code }) => code)
    return { column, problem: sealedProblem(given.data?.[column], codes) }
  })
  const plaintext = problems.find(({ problem }) => problem === 'plaintext-in-sealed-column')
  if (plaintext !== undefined) {
    return refuse('plaintext-in-sealed-column', `${plaintext.column} does not hold an envelope`)
  }
  const large = problems.find(({ problem }) => problem === 'too-large')
  if (large !== undefined) return refuse('too-large', `${large.column} is larger than allowed`)
  const issue = error.issues[0]
  return refuse('invalid-data', `${String(issue?.path[0] ?? 'data')}: ${issue?.message ?? ''}`)
}

/** What the validator's complaints mean; a missing value is neither. */
function sealedProblem(value: unknown, codes: readonly (string | undefined)[]) {
  if (codes.length === 0 || value === undefined || value === null) return undefined
  return codes.includes('too_big') && !codes.includes('invalid_format')
    ? 'too-large'
    : 'plaintext-in-sealed-column'
}

function toBase(previous: { revision: number; seal?: string | null | undefined }): Base {
  return { revision: previous.revision, seal: previous.seal ?? null }
}
