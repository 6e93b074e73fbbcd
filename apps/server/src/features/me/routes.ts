import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { errorBodySchema } from '../../plugins/errors.ts'
import { sessionOf } from '../../plugins/session.ts'

const meSchema = z.object({ user: z.object({ id: z.string(), email: z.string() }) })

export const meRoutes: FastifyPluginAsyncZod = (app) => {
  app.route({
    method: 'GET',
    url: '/me',
    config: { access: 'session' },
    schema: { response: { 200: meSchema, 401: errorBodySchema } },
    handler: (request) => {
      const { userId, email } = sessionOf(request)
      return { user: { id: userId, email } }
    },
  })
  return Promise.resolve()
}
