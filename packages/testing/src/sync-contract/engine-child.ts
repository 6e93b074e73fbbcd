import { createServer } from 'node:http'
import { startSyncEngine } from '@sealbook/sync-engine'
import type { JSONWebKeySet } from 'jose'

/** A process of its own with an engine in it, to be killed. Says `ready` once it serves. */
async function main(): Promise<void> {
  const { DATABASE_URL = '', PORT = '', JWKS = '', AUDIENCE = '', RULES = '' } = process.env
  const { SCHEMA_NAME = '' } = process.env
  const jwks = JSON.parse(JWKS) as JSONWebKeySet
  const log = (level: string) => (fields: object, message: string) => {
    const stack = (fields as { err?: Error }).err?.stack ?? ''
    process.stderr.write(`${new Date().toISOString()} ${level} ${message} ${stack}\n`)
  }
  const engine = await startSyncEngine({
    databaseUrl: DATABASE_URL,
    syncRulesYaml: RULES,
    jwks: () => jwks,
    audience: AUDIENCE,
    schemaName: SCHEMA_NAME,
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
  })
  const server = createServer((req, res) => engine.handle(req, res))
  process.once('SIGTERM', () => {
    server.close()
    void engine.close().then(() => process.exit(0))
  })
  await engine.whenReady()
  server.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('ready\n'))
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`)
  process.exit(1)
})
