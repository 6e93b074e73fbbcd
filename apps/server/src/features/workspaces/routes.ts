import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import type { ResolvedConfig } from '../../plugins/config.ts'
import { ApiError, errorBodySchema } from '../../plugins/errors.ts'
import { sessionOf } from '../../plugins/session.ts'
import {
  createWorkspaceSchema,
  dataKeyPlaceSchema,
  dataKeySchema,
  putDataKeySchema,
  workspaceSchema,
} from './schemas.ts'
import { createWorkspace, putMissingDataKey } from './store.ts'

export function workspaceRoutes(pool: pg.Pool, config: ResolvedConfig): FastifyPluginAsyncZod {
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
        const { userId } = sessionOf(request)
        const most = config.maxWorkspacesPerPerson
        const outcome = await createWorkspace(pool, userId, request.body, most)
        const workspace = { id: request.body.id, role: 'owner' as const }
        switch (outcome) {
          case 'created':
            return reply.code(201).send(workspace)
          case 'exists':
            return reply.code(200).send(workspace)
          case 'taken':
            throw new ApiError('workspace-exists', 'this id belongs to another workspace or key')
          case 'too-many':
            throw new ApiError('too-many-workspaces', 'this account has made as many as it may')
        }
      },
    })

    app.route({
      method: 'PUT',
      url: '/workspaces/:workspaceId/data-keys/:keyVersion',
      config: { access: 'session' },
      schema: {
        params: dataKeyPlaceSchema,
        body: putDataKeySchema,
        response: { 200: dataKeySchema, '4xx': errorBodySchema },
      },
      handler: async (request) => {
        const { workspaceId, keyVersion } = request.params
        const dataKey = { keyVersion, wrapped: request.body.wrapped }
        const outcome = await putMissingDataKey(
          pool,
          sessionOf(request).userId,
          workspaceId,
          dataKey,
        )
        switch (outcome) {
          case 'stored':
            return dataKey
          case 'taken':
            throw new ApiError('data-key-exists', 'another key is in this place')
          case 'not-found':
            throw new ApiError('not-found', 'there is no such workspace of yours')
        }
      },
    })
    return Promise.resolve()
  }
}
