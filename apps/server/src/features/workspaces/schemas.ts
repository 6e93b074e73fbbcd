import { uuidSchema } from '@sealbook/schema/upload'
import { z } from 'zod'

export const createWorkspaceSchema = z.strictObject({
  id: uuidSchema,
  dataKey: z.strictObject({
    keyVersion: z.literal(1),
    /** base64url of some 74 bytes. */
    wrapped: z
      .string()
      .min(64)
      .max(512)
      .regex(/^[A-Za-z0-9_-]+$/, 'not base64url'),
  }),
})
export type NewWorkspace = z.infer<typeof createWorkspaceSchema>

export const workspaceSchema = z.object({
  id: z.string(),
  role: z.enum(['owner', 'editor', 'viewer']),
})
