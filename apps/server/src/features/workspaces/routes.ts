import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { ApiError, errorBodySchema } from '../../plugins/errors.ts'
import { sessionOf } from '../../plugins/session.ts'
import { createWorkspaceSchema, workspaceSchema } from './schemas.ts'
import { createWorkspace } from './store.ts'

export function workspaceRoutes(pool: pg.Pool): FastifyPluginAsyncZod {
  return (app) => {
    app.route({
      method: 'POST',
      url: '/workspaces',
      config: { access: 'session' },
      schema: {
        body: createWorkspaceSchema,
        response: { 200: workspaceSchema, 201: workspaceSchema, '4xx': errorBodySchema },
      },
      handler: async (request, reply) => {
        const outcome = await createWorkspace(pool, sessionOf(request).userId, request.body)
        const workspace = { id: request.body.id, role: 'owner' as const }
        switch (outcome) {
          case 'created':
            return reply.code(201).send(workspace)
          case 'exists':
            return reply.code(200).send(workspace)
          case 'taken':
            throw new ApiError('workspace-exists', 'this id belongs to another workspace or key')
        }
      },
    })
    return Promise.resolve()
  }
}
