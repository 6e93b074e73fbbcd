import { uuidSchema } from '@sealbook/schema/upload'
import { z } from 'zod'

/** base64url of some 74 bytes. */
const wrappedSchema = z
  .string()
  .min(64)
  .max(512)
  .regex(/^[A-Za-z0-9_-]+$/, 'not base64url')

export const createWorkspaceSchema = z.strictObject({
  id: uuidSchema,
  dataKey: z.strictObject({ keyVersion: z.literal(1), wrapped: wrappedSchema }),
})
export type NewWorkspace = z.infer<typeof createWorkspaceSchema>

/** More than a workspace will ever have: each is a change of its DEK. */
const maxKeyVersion = 100

export const dataKeyPlaceSchema = z.object({
  workspaceId: uuidSchema,
  keyVersion: z.coerce.number().int().min(1).max(maxKeyVersion),
})
export const putDataKeySchema = z.strictObject({ wrapped: wrappedSchema })
export const dataKeySchema = z.object({ keyVersion: z.number(), wrapped: z.string() })
export type DataKey = z.infer<typeof dataKeySchema>

export const workspaceSchema = z.object({
  id: z.string(),
  role: z.enum(['owner', 'editor', 'viewer']),
})
