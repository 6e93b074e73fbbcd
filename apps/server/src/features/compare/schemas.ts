import { uuidSchema } from '@sealbook/schema/upload'
import { z } from 'zod'

/** A twin of one workspace. `table` is the plaintext table's name, for instance `transactions`. */
export const tableParamsSchema = z.object({
  workspaceId: uuidSchema,
  table: z.string().max(64),
})

const sliceSchema = z.string().regex(/^[0-9a-f]{2}$/, 'not two hex digits')

/** `columns`: those that the device knows, so that an older one can compare with a newer server. */
export const digestQuerySchema = z.object({
  columns: z.string().max(2_000).describe('column names, separated by commas'),
  from: sliceSchema.describe('first slice'),
  to: sliceSchema.describe('last slice'),
})

export const digestsSchema = z.object({
  slices: z.array(
    z.object({ slice: sliceSchema, rows: z.number().int(), digest: z.string().length(64) }),
  ),
})

/** Most ids in one request, and most rows in one answer. */
export const maxRowsPerAnswer = 200
const idList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(uuidSchema).min(1).max(maxRowsPerAnswer))

/** Rows by their ids, or a slice page by page: `after` is the last id of the page before. */
export const rowsQuerySchema = z.union([
  z.strictObject({ ids: idList }),
  z.strictObject({ slice: sliceSchema, after: uuidSchema.optional() }),
])

export const rowsSchema = z.object({
  rows: z.array(z.record(z.string(), z.unknown())).describe('visible columns and envelopes'),
  deleted: z.array(z.object({ id: uuidSchema, revision: z.number().int() })),
  next: uuidSchema.nullable(),
})
