import { buildApp, createLogger } from '@sealbook/server'
import pg from 'pg'

/** The server alone in its process, as `apps/server` runs it. */
async function main(): Promise<void> {
  const { DATABASE_URL = '', PUBLIC_URL = '' } = process.env
  const app = await buildApp({
    pool: new pg.Pool({ connectionString: DATABASE_URL }),
    logger: createLogger({ level: 'warn' }),
    config: {
      publicUrl: PUBLIC_URL,
      authSecret: 'for one benchmark only, and long enough',
      syncUrl: `${PUBLIC_URL}/powersync`,
    },
  })
  process.on('disconnect', () => process.exit(1))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  process.send?.({ url })
}

void main()
