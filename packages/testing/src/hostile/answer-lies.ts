import { refusalCodes, type UploadError, type UploadOperation } from '@sealbook/schema/upload'
import type { AnswerLie, Answered, Asked, Lies } from './lying-proxy.ts'

/** A part of a JSON answer. */
export type Json = Readonly<Record<string, unknown>>

/** The server's answer to a route, changed; to everything else the truth. */
export function changed(path: RegExp, change: (body: Json, asked: Asked) => unknown): AnswerLie {
  return (asked, ask) => {
    if (!path.test(asked.path)) return undefined
    return ask().then((answered) => ({
      ...answered,
      body: change(answered.body as Json, asked),
    }))
  }
}

/** An answer that the server was never asked for. */
export function made(path: RegExp, answered: (asked: Asked) => Answered): AnswerLie {
  return (asked) => (path.test(asked.path) ? Promise.resolve(answered(asked)) : undefined)
}

/** One answer to all that the app asks of the server, the sync streams too. */
export function everything(answered: Answered): Lies {
  return { answer: made(/^\/api\//, () => answered), stream: answered }
}

export const uploadPath = /^\/api\/sync\/upload$/

/** "Applied", and thrown away. */
export const swallowed: AnswerLie = made(uploadPath, ({ body }) => ({
  status: 200,
  body: { applied: (body as { batch: UploadOperation[] }).batch.length, errors: [] },
}))

/** "Applied", of which only the first half is. */
export const halfSwallowed: AnswerLie = (asked, ask) => {
  if (!uploadPath.test(asked.path)) return undefined
  const { batch } = asked.body as { batch: UploadOperation[] }
  const kept = batch.slice(0, Math.floor(batch.length / 2))
  const said = { status: 200, body: { applied: batch.length, errors: [] } }
  return kept.length === 0 ? Promise.resolve(said) : ask({ batch: kept }).then(() => said)
}

/** Every operation of every upload refused in these words. */
export function refused(error: Omit<UploadError, 'index' | 'table' | 'id' | 'detail'>): AnswerLie {
  return made(uploadPath, ({ body }) => {
    const { batch } = body as { batch: UploadOperation[] }
    const errors = batch.map(({ table, id }, index) => ({
      ...{ index, table, id, detail: 'made up' },
      ...error,
    }))
    return { status: 200, body: { applied: 0, errors } }
  })
}

type Refusal = Parameters<typeof refused>[0]

function conflict(more: Pick<Refusal, 'current' | 'deletedRevision'>): Refusal {
  return { code: 'conflict', retryable: false, ...more }
}

/** Of rows that are on the server as they were. */
export const forgedConflicts: readonly (readonly [name: string, Refusal])[] = [
  ['a row that is gone', conflict({ current: null })],
  ['a row deleted at a revision', conflict({ current: null, deletedRevision: 3 })],
  ['a row deleted at 2^52', conflict({ current: null, deletedRevision: 2 ** 52 })],
  ['a row deleted at 2^53', conflict({ current: null, deletedRevision: 2 ** 53 })],
  ['a row deleted below zero', conflict({ current: null, deletedRevision: -5 })],
  ['a made-up row', conflict({ current: { id: 'x', revision: 2 ** 52, amount: 'plain' } })],
  ['no row', conflict({})],
]

/** What may be answered to a change of the person's, for random combinations. */
export const uploadLies: readonly (readonly [name: string, AnswerLie])[] = [
  ['the truth', () => undefined],
  ['"applied", and thrown away', swallowed],
  ['"applied", and half thrown away', halfSwallowed],
  ...refusalCodes
    .filter((code) => code !== 'conflict')
    .map((code) => [code, refused({ code, retryable: false })] as const),
  ...forgedConflicts.map(([name, error]) => [`a conflict with ${name}`, refused(error)] as const),
]
