import { startSyncEngine } from '@sealbook/sync-engine'
import type { JSONWebKeySet } from 'jose'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The embedded engine alone in its process, as far as memory is concerned. */
async function main(): Promise<void> {
  const { DATABASE_URL = '', JWKS = '', RULES_FILE = '' } = process.env
  const jwks = JSON.parse(JWKS) as JSONWebKeySet
  const silent = () => undefined
  const report = (details: object, message: string) =>
    void process.stderr.write(`${message} ${JSON.stringify(details)}\n`)
  const engine = await startSyncEngine({
    databaseUrl: DATABASE_URL,
    syncRulesYaml: await readFile(RULES_FILE, 'utf8'),
    jwks: () => jwks,
    audience: 'powersync',
    logger: { info: silent, warn: report, error: report },
  })
  await engine.whenReady()
  const server = createServer((request, response) => {
    // A page of another origin syncs from here (first-sync).
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', '*, authorization')
    if (request.method === 'OPTIONS') response.writeHead(204).end()
    else engine.handle(request, response)
  })
  process.on('message', () => process.send?.({ rssBytes: process.memoryUsage().rss }))
  process.on('disconnect', () => process.exit(1))
  process.on('SIGTERM', () => void engine.close().then(() => process.exit(0)))
  server.listen(0, '127.0.0.1', () =>
    process.send?.({ port: (server.address() as AddressInfo).port }),
  )
}

void main()
