import { uploadRequestSchema, uploadResponseSchema } from '@sealbook/schema/upload'
import type { FastifySchemaValidationError } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import type { ResolvedConfig } from '../../plugins/config.ts'
import { ApiError, errorBodySchema } from '../../plugins/errors.ts'
import { sessionOf } from '../../plugins/session.ts'
import { applyBatch } from './apply.ts'
import type { ServerLife } from './server-life.ts'
import { buildTwinTables } from './tables.ts'

export function uploadRoutes(
  pool: pg.Pool,
  config: ResolvedConfig,
  life: ServerLife,
): FastifyPluginAsyncZod {
  const context = { tables: buildTwinTables(), maxRowsPerWorkspace: config.maxRowsPerWorkspace }
  return (app) => {
    app.route({
      method: 'POST',
      url: '/sync/upload',
      config: { access: 'session' },
      attachValidation: true,
      schema: {
        body: uploadRequestSchema,
        response: { 200: uploadResponseSchema, '4xx': errorBodySchema },
      },
      handler: async (request) => {
        if (request.validationError !== undefined) {
          const issues = request.validationError.validation as FastifySchemaValidationError[]
          throw refusedBatch(issues)
        }
        const { userId } = sessionOf(request)
        const answer = await applyBatch(pool, userId, request.body.batch, context)
        if (answer.applied > 0) life.noteUpload()
        return answer
      },
    })
    return Promise.resolve()
  }
}

/** Too many operations is the one fault that a client mends by itself: by cutting the batch. */
function refusedBatch(issues: readonly FastifySchemaValidationError[]): ApiError {
  const tooMany = issues.some(
    ({ instancePath, keyword }) => instancePath === '/batch' && keyword === 'too_big',
  )
  return tooMany
    ? new ApiError('batch-too-large', 'the batch has too many operations')
    : new ApiError('malformed-batch', 'the batch does not have the documented form')
}
