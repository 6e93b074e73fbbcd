import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { uuidSchema } from '@sealbook/schema/upload'
import { z } from 'zod'
import { ApiError, errorBodySchema } from '../../plugins/errors.ts'
import { sessionOf } from '../../plugins/session.ts'
import {
  createKeysSchema,
  keysSchema,
  keySlotSchema,
  noBase,
  replaceSlotSchema,
} from './schemas.ts'
import { createSlots, putMissingSlot, readKeys, replaceSlot } from './store.ts'

export function keyRoutes(pool: pg.Pool): FastifyPluginAsyncZod {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/keys',
      config: { access: 'session' },
      schema: { response: { 200: keysSchema, 401: errorBodySchema } },
      handler: (request) => readKeys(pool, sessionOf(request).userId),
    })

    app.route({
      method: 'POST',
      url: '/keys',
      config: { access: 'session' },
      schema: {
        body: createKeysSchema,
        response: { 201: createKeysSchema, '4xx': errorBodySchema },
      },
      handler: async (request, reply) => {
        const outcome = await createSlots(pool, sessionOf(request).userId, request.body.slots)
        switch (outcome) {
          case 'created':
            return reply.code(201).send(request.body)
          case 'keys-exist':
            throw new ApiError('keys-exist', 'this account has keys already')
        }
      },
    })

    app.route({
      method: 'PUT',
      url: '/keys/slots/:slotId',
      config: { access: 'session' },
      schema: {
        params: z.object({ slotId: uuidSchema }),
        body: replaceSlotSchema,
        response: { 200: z.object({ slot: keySlotSchema }), '4xx': errorBodySchema },
      },
      handler: async (request) => {
        const { baseVersion, slot } = request.body
        if (slot.id !== request.params.slotId) {
          throw new ApiError('invalid-request', 'the slot has another id than the address')
        }
        const { userId } = sessionOf(request)
        const outcome =
          baseVersion === noBase
            ? await putMissingSlot(pool, userId, slot)
            : await replaceSlot(pool, userId, slot)
        switch (outcome) {
          case 'replaced':
            return { slot }
          case 'version-conflict':
            throw new ApiError('version-conflict', 'the slot was changed meanwhile')
          case 'not-found':
            throw new ApiError('not-found', 'there is no such slot of that kind')
        }
      },
    })
    return Promise.resolve()
  }
}
