import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { ApiError, errorBodySchema } from '../../plugins/errors.ts'
import { sessionOf } from '../../plugins/session.ts'
import {
  digestQuerySchema,
  digestsSchema,
  rowsQuerySchema,
  rowsSchema,
  tableParamsSchema,
} from './schemas.ts'
import {
  comparedTable,
  isMember,
  readDigests,
  readRowsById,
  readSlice,
  readTombstones,
  type ComparedTable,
} from './store.ts'

/** What a device compares its own rows with: what every member's device holds anyway. */
export function compareRoutes(pool: pg.Pool): FastifyPluginAsyncZod {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/workspaces/:workspaceId/tables/:table/digests',
      config: { access: 'session' },
      schema: {
        params: tableParamsSchema,
        querystring: digestQuerySchema,
        response: { 200: digestsSchema, '4xx': errorBodySchema },
      },
      handler: async (request) => {
        const { workspaceId } = request.params
        const table = await openTable(pool, sessionOf(request).userId, request.params)
        const known = new Set(request.query.columns.split(','))
        return { slices: await readDigests(pool, workspaceId, table, known, request.query) }
      },
    })

    app.route({
      method: 'GET',
      url: '/workspaces/:workspaceId/tables/:table/rows',
      config: { access: 'session' },
      schema: {
        params: tableParamsSchema,
        querystring: rowsQuerySchema,
        response: { 200: rowsSchema, '4xx': errorBodySchema },
      },
      handler: async (request) => {
        const { workspaceId } = request.params
        const { query } = request
        const table = await openTable(pool, sessionOf(request).userId, request.params)
        if ('ids' in query) {
          const rows = await readRowsById(pool, workspaceId, table, query.ids)
          const deleted = await readTombstones(pool, workspaceId, table, query.ids)
          return { rows, deleted, next: null }
        }
        const page = await readSlice(pool, workspaceId, table, query.slice, query.after)
        return { ...page, deleted: [] }
      },
    })
    return Promise.resolve()
  }
}

/** Somebody else's workspace is as little there as a table that does not exist. */
async function openTable(
  pool: pg.Pool,
  userId: string,
  { workspaceId, table }: { readonly workspaceId: string; readonly table: string },
): Promise<ComparedTable> {
  const compared = comparedTable(table)
  if (compared === undefined || !(await isMember(pool, userId, workspaceId))) {
    throw new ApiError('not-found', 'there is no such table of a workspace of yours')
  }
  return compared
}
