import { createServer } from 'node:http'
import { buildApp, equalLimits, createLogger } from '@sealbook/server'
import { startSyncEngine, type SyncEngine } from '@sealbook/sync-engine'
import pg from 'pg'

/** The product's server and engine in one process, as `npm start` joins them; to be killed. */
async function main(): Promise<void> {
  const { DATABASE_URL = '', PORT = '', SECRET = '', RULES = '' } = process.env
  const origin = `http://127.0.0.1:${PORT}`
  const pool = new pg.Pool({ connectionString: DATABASE_URL })
  pool.on('error', () => undefined)
  const logger = createLogger({ level: 'warn', destination: process.stderr })
  const many = { max: 1_000_000, windowMs: 60_000 }
  const app = await buildApp({
    pool,
    logger,
    config: {
      publicUrl: origin,
      authSecret: SECRET,
      syncUrl: `${origin}/powersync`,
      // Every seed signs up new people, all from one address.
      rateLimits: equalLimits(many),
    },
  })
  await app.ready()
  let engine: SyncEngine | null = null
  const server = createServer((request, response) => {
    const sync = request.url?.match(/^\/powersync(\/.*)$/)
    if (!sync) return app.routing(request, response)
    if (engine === null) return void response.writeHead(503).end()
    request.url = sync[1] ?? '/'
    engine.handle(request, response)
  })
  server.listen(Number(PORT), '127.0.0.1')
  const started = await startSyncEngine({
    databaseUrl: DATABASE_URL,
    syncRulesYaml: RULES,
    jwks: new URL('/.well-known/jwks.json', origin),
    audience: 'powersync',
    logger,
  })
  engine = started
  process.once('SIGTERM', () => {
    void started
      .close()
      .then(() => app.close())
      .then(() => process.exit(0))
  })
  await started.whenReady()
  process.on('message', () => process.send?.({ rss: process.memoryUsage().rss }))
  process.on('disconnect', () => process.exit(0))
  process.send?.('ready')
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`)
  process.exit(1)
})
