import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { z } from 'zod'

/** Alive and able to reach Postgres; 503 otherwise. Not limited: a watchdog asks it. */
export function healthRoutes(pool: pg.Pool): FastifyPluginAsyncZod {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/health',
      config: { access: 'anonymous' },
      schema: { response: { 200: z.object({ status: z.literal('ok') }) } },
      handler: async () => {
        await pool.query('SELECT 1')
        return { status: 'ok' as const }
      },
    })
    return Promise.resolve()
  }
}
