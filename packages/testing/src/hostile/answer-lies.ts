import type { UploadError, UploadOperation } from '@sealbook/schema/upload'
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
