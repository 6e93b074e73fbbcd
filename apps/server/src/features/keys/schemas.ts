import { uuidSchema } from '@sealbook/schema/upload'
import { z } from 'zod'

/** Largest version that the column holds. */
const maxSlotVersion = 2 ** 31 - 1

/** base64url of some 74 bytes. */
const wrappedKeySchema = z
  .string()
  .min(64)
  .max(512)
  .regex(/^[A-Za-z0-9_-]+$/, 'not base64url')

/** The bounds are the client's own: parameters that it would refuse are not stored either. */
const kdfSchema = z.strictObject({
  algorithm: z.literal('argon2id13'),
  memoryKiB: z.number().int().min(65_536).max(1_048_576),
  passes: z.number().int().min(3).max(12),
  salt: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'not 16 bytes of base64url'),
})

const slotVersionSchema = z.number().int().min(1).max(maxSlotVersion)
const slotFields = { id: uuidSchema, wrapped: wrappedKeySchema, version: slotVersionSchema }
const secretKeySlotSchema = z.strictObject({
  ...slotFields,
  kind: z.literal('secret-key'),
  kdf: kdfSchema,
})
const recoveryKeySlotSchema = z.strictObject({
  ...slotFields,
  kind: z.literal('recovery-key'),
  kdf: z.null(),
})

/** One way to unwrap the user key; everything in it is public. */
export const keySlotSchema = z.discriminatedUnion('kind', [
  secretKeySlotSchema,
  recoveryKeySlotSchema,
])
export type KeySlot = z.infer<typeof keySlotSchema>

/** The first slots: both kinds, or a person could lose everything with one forgotten phrase. */
export const createKeysSchema = z.strictObject({
  slots: z.tuple([secretKeySlotSchema, recoveryKeySlotSchema]),
})

/** `baseVersion` of a slot that is put where the account has none of its kind. */
export const noBase = 0

/**
 * Replaces a slot whose stored version is `baseVersion`; the new one is a version higher. A device
 * that gives back its copy of a lost slot says `noBase`, and keeps the version that the slot has.
 */
export const replaceSlotSchema = z
  .strictObject({
    baseVersion: z.union([z.literal(noBase), slotVersionSchema]),
    slot: keySlotSchema,
  })
  .refine(({ baseVersion, slot }) => baseVersion === noBase || slot.version === baseVersion + 1, {
    path: ['slot', 'version'],
    message: 'must be baseVersion + 1',
  })

export const keysSchema = z.object({
  slots: z.array(keySlotSchema),
  workspaces: z.array(
    z.object({
      workspaceId: z.string(),
      role: z.enum(['owner', 'editor', 'viewer']),
      dataKeys: z.array(z.object({ keyVersion: z.number(), wrapped: z.string() })),
    }),
  ),
})
export type Keys = z.infer<typeof keysSchema>
