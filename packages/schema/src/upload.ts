import { z } from 'zod'
import { entities, type EntityTable } from './entities.ts'
import { encryptTable, localColumns, type Column, type Entity } from './entity.ts'

/** Largest `revision` that is accepted: half of the exact integers, so that it never overflows. */
const maxRevision = 2 ** 52
const maxInstantMs = 8_640_000_000_000_000

const base64urlPattern = /^[A-Za-z0-9_-]+$/
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Bytes of an envelope around its ciphertext: version 1, algorithm 1, key version 4, nonce 24, tag 16. */
export const envelopeOverheadBytes = 46
/** Version 1, key version 4, BLAKE2b-256 32. */
export const rowSealBytes = 37

/** A person's or row's id: a lower-case UUID. */
export const uuidSchema = z.string().regex(uuidPattern, 'not a lower-case UUID')

/** Wire form of one queued change. `table` is the twin's name, for instance `transactions_encrypt`. */
export const uploadOperationSchema = z.strictObject({
  op: z.enum(['PUT', 'PATCH', 'DELETE']),
  table: z.string().max(64),
  id: z.string().max(64),
  data: z.record(z.string(), z.unknown()).nullish(),
  previous: z.strictObject({ revision: z.number().int() }).nullish(),
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
})
export type UploadError = z.infer<typeof uploadErrorSchema>
export const uploadResponseSchema = z.strictObject({
  applied: z.number().int(),
  errors: z.array(uploadErrorSchema),
})
export type UploadResponse = z.infer<typeof uploadResponseSchema>

/** Full-row (PUT) and partial (PATCH) validators of a twin, without `id`. */
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

export type { EntityTable }

function rowValidators(entity: Entity): RowValidators {
  const shape: Record<string, z.ZodType<string | number | null>> = {
    revision: z.number().int().min(1).max(maxRevision),
    seal: z
      .string()
      .length(Math.ceil((rowSealBytes * 4) / 3))
      .regex(base64urlPattern),
  }
  for (const [name, column] of Object.entries(localColumns(entity))) shape[name] = cell(column)
  const put = z.strictObject(shape)
  return { entity, put, patch: put.partial() as unknown as RowValidators['patch'] }
}

function cell(column: Column): z.ZodType<string | number | null> {
  if (column.visibility === 'sealed') return envelope(column)
  const value = visibleCell(column)
  return column.nullable ? value.nullable() : value
}

/** Smallest: null padded to 32 bytes. */
function envelope(column: Extract<Column, { visibility: 'sealed' }>): z.ZodType<string> {
  const min = Math.ceil(((envelopeOverheadBytes + 32) * 4) / 3)
  return z
    .string()
    .min(min)
    .max(maxEnvelopeLength(column))
    .regex(/^AQE[A-Za-z0-9_-]+$/)
}

function visibleCell(column: Extract<Column, { visibility: 'visible' }>) {
  switch (column.type) {
    case 'id':
      return uuidSchema
    case 'date':
      return z.iso.date()
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
