import { z } from 'zod'
import { entities, type EntityTable } from './entities.ts'
import {
  column,
  encryptTable,
  localColumns,
  uuidPattern,
  type Column,
  type Entity,
} from './entity.ts'

/** Largest `revision` that is accepted: half of the exact integers, so that it never overflows. */
export const maxRevision = 2 ** 52
const maxInstantMs = 8_640_000_000_000_000

const base64urlAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Bytes of an envelope around its ciphertext: version 1, algorithm 1, key version 4, nonce 24, tag 16. */
export const envelopeOverheadBytes = 46
/** Version 1, key version 4, BLAKE2b-256 32. */
export const rowSealBytes = 37

export const uuidSchema = z.string().regex(uuidPattern, 'not a lower-case UUID')

/**
 * Wire form of one queued change. `table` is the twin's name, for instance `transactions_encrypt`.
 * `previous` is what the change was made on: a PATCH and a DELETE have it. With `seal` the server
 * also tells two different rows of the same revision apart.
 */
export const uploadOperationSchema = z.strictObject({
  op: z.enum(['PUT', 'PATCH', 'DELETE']),
  table: z.string().max(64),
  id: z.string().max(64),
  data: z.record(z.string(), z.unknown()).nullish(),
  previous: z
    .strictObject({ revision: z.number().int(), seal: z.string().max(64).nullish() })
    .nullish(),
})
export type UploadOperation = z.infer<typeof uploadOperationSchema>

/** Most operations in one request; the client cuts larger transactions. */
export const maxBatchOperations = 1_000
export const uploadRequestSchema = z.strictObject({
  batch: z.array(uploadOperationSchema).min(1).max(maxBatchOperations),
})

/** Why the server did not apply one operation. `retryable` ones may succeed unchanged later. */
export const refusalCodes = [
  'unknown-table',
  'invalid-operation',
  'invalid-data',
  'plaintext-in-sealed-column',
  'too-large',
  'forbidden',
  'missing-relation',
  'in-use',
  'conflict',
  'wrong-author',
  'quota-exceeded',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

export const uploadErrorSchema = z.strictObject({
  index: z.number().int(),
  table: z.string(),
  id: z.string(),
  code: z.enum(refusalCodes),
  retryable: z.boolean(),
  detail: z.string(),
  /** With `conflict`: the stored row, or null when it was deleted. */
  current: z.record(z.string(), z.unknown()).nullish(),
  /** With `conflict` on a deleted row: a PUT that creates it again needs a greater `revision`. */
  deletedRevision: z.number().int().nullish(),
})
export type UploadError = z.infer<typeof uploadErrorSchema>
export const uploadResponseSchema = z.strictObject({
  applied: z.number().int(),
  errors: z.array(uploadErrorSchema),
})
export type UploadResponse = z.infer<typeof uploadResponseSchema>

/** A sealed change that the server answered with `conflict`. */
export interface ConflictingChange {
  /** Plaintext table's name. */
  readonly table: EntityTable
  readonly rowId: string
  /** Seal of the row that the change was made on; null for a new row. */
  readonly baseSeal: string | null
  /** Seal of the row that was refused; null for a delete. */
  readonly seal: string | null
  /** The server told that it has no such row. */
  readonly isGone: boolean
  /** Creating the row again needs a greater revision. */
  readonly deletedRevision: number | null
}

/** A sealed change that the server answered with "applied". */
export interface AcknowledgedChange {
  /** Plaintext table's name. */
  readonly table: EntityTable
  readonly rowId: string
  /** Seal of the row that the server says it has; null after a delete. */
  readonly seal: string | null
  /** Of that row; a delete counts as one more than the row that it removed. */
  readonly revision: number
}

/**
 * Full-row (PUT) and partial (PATCH) validators of a twin, without `id`. A PUT comes out with every
 * column; a PATCH with what it was given, `revision` and `seal` always among it.
 */
export interface RowValidators {
  readonly entity: Entity
  readonly put: z.ZodType<Record<string, string | number | null>>
  readonly patch: z.ZodType<Record<string, string | number | null>>
}

/** Validators by twin table name. */
export function buildRowValidators(): ReadonlyMap<string, RowValidators> {
  return new Map(entities.map((entity) => [encryptTable(entity), rowValidators(entity)]))
}

/** Most characters of base64url that an envelope of this column can have. */
export function maxEnvelopeLength(column: Extract<Column, { visibility: 'sealed' }>): number {
  const plaintextBytes = 2 + (column.type === 'integer' ? 8 : column.maxBytes)
  // Padding adds less than 32 bytes up to 256 bytes, and less than one eighth above (Padmé).
  const padded = plaintextBytes + Math.max(32, Math.ceil(plaintextBytes / 8))
  return Math.ceil(((padded + envelopeOverheadBytes) * 4) / 3)
}

/** Fewest characters of base64url that an envelope can have: null padded to 32 bytes. */
export const minEnvelopeLength = Math.ceil(((envelopeOverheadBytes + 32) * 4) / 3)

/** The key version in an envelope's bytes 2 to 5. Give it only what a validator accepted. */
export function envelopeKeyVersion(envelope: string): number {
  return bigEndian32(envelope, 2)
}

/** The key version in a row seal's bytes 1 to 4. Give it only what a validator accepted. */
export function rowSealKeyVersion(seal: string): number {
  return bigEndian32(seal, 1)
}

export type { EntityTable }

function rowValidators(entity: Entity): RowValidators {
  const put: Record<string, z.ZodType<string | number | null>> = { ...revisionCells }
  const patch: Record<string, z.ZodType<string | number | null>> = { ...revisionCells }
  const columns = { ...localColumns(entity), author_id: column.optionalId() }
  for (const [name, definition] of Object.entries(columns)) {
    const value = cell(definition)
    patch[name] = value.optional() as typeof value
    // A queued PUT leaves out what is null.
    put[name] = definition.nullable ? value.optional().transform((given) => given ?? null) : value
  }
  return { entity, put: z.strictObject(put), patch: z.strictObject(patch) }
}

/** In a PATCH too: a row never changes without a new revision and a new seal. */
const revisionCells = {
  revision: z.number().int().min(1).max(maxRevision),
  seal: z
    .string()
    .length(Math.ceil((rowSealBytes * 4) / 3))
    .regex(/^A[Q-f][A-Za-z0-9_-]+$/, 'not a row seal'),
}

function cell(column: Column): z.ZodType<string | number | null> {
  const value = column.visibility === 'sealed' ? envelope(column) : visibleCell(column)
  return column.nullable ? value.nullable() : value
}

function envelope(column: Extract<Column, { visibility: 'sealed' }>): z.ZodType<string> {
  return z
    .string()
    .min(minEnvelopeLength)
    .max(maxEnvelopeLength(column))
    .regex(/^AQE[A-Za-z0-9_-]+$/, 'not an envelope')
    .refine(hasPaddedLength, 'not an envelope')
}

/** Ciphertext is a multiple of 32 bytes up to 256; Padmé above gives multiples of 16 at least. */
function hasPaddedLength(envelope: string): boolean {
  if (envelope.length % 4 === 1) return false
  const ciphertextBytes = Math.floor((envelope.length * 3) / 4) - envelopeOverheadBytes
  return ciphertextBytes % (ciphertextBytes <= 256 ? 32 : 16) === 0
}

function bigEndian32(base64url: string, offset: number): number {
  let value = 0
  for (let bit = offset * 8; bit < (offset + 4) * 8; bit++) {
    const sextet = base64urlAlphabet.indexOf(base64url.charAt(Math.floor(bit / 6)))
    value = value * 2 + ((sextet >> (5 - (bit % 6))) & 1)
  }
  return value
}

function visibleCell(column: Extract<Column, { visibility: 'visible' }>) {
  switch (column.type) {
    case 'id':
      return uuidSchema
    case 'date':
      return z.iso.date()
    case 'month':
      return z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'not a month')
    case 'instant':
      return z.number().int().min(0).max(maxInstantMs)
    case 'integer':
      return z.number().int().min(column.min).max(column.max)
    case 'currency':
      return z.string().regex(/^[A-Z]{3}$/, 'not an ISO 4217 code')
    case 'choice':
      return z.enum(column.choices as readonly [string, ...string[]])
  }
}
