import { z } from 'zod'
import { passwordLength } from '../../plugins/auth.ts'

const emailSchema = z.email().max(254)
const passwordSchema = z.string().min(passwordLength.min).max(passwordLength.max)
/** The app knows no names and sends a constant; better-auth requires one. */
const nameSchema = z
  .string()
  .max(100)
  .regex(/^[^\p{Cc}]*$/u)
const printableSchema = z.string().regex(/^[\x21-\x7e]{1,200}$/)

export const signUpSchema = z.object({
  email: emailSchema,
  password: passwordSchema,
  name: nameSchema.default(''),
  rememberMe: z.boolean().optional(),
})
export const signInSchema = z.object({
  email: emailSchema,
  // Any length: a wrong password is one answer, whatever it looks like.
  password: z.string().max(passwordLength.max * 8),
  rememberMe: z.boolean().optional(),
})
export const changePasswordSchema = z.object({
  currentPassword: z.string().max(passwordLength.max * 8),
  newPassword: passwordSchema,
  revokeOtherSessions: z.boolean().optional(),
})
export const revokeSessionSchema = z.object({ token: printableSchema })
export const noBodySchema = z.object({}).nullish()

const userSchema = z.looseObject({ id: z.string(), email: z.string() })
const instantSchema = z.string()
const sessionSchema = z.looseObject({
  id: z.string(),
  token: z.string(),
  userId: z.string(),
  expiresAt: instantSchema,
  createdAt: instantSchema,
  ipAddress: z.string().nullish(),
  userAgent: z.string().nullish(),
})

export const signedInSchema = z.looseObject({ token: z.string().nullable(), user: userSchema })
export const currentSessionSchema = z
  .object({ session: sessionSchema, user: userSchema })
  .nullable()
export const sessionListSchema = z.array(sessionSchema)
export const doneSchema = z.looseObject({})
