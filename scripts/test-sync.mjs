// npm run test:sync: the sync contract suite, against the embedded engine or an outside one.
// packages/testing/README.md says what the options and variables mean.
import './node-version.mjs'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { root, run } from './run.mjs'

const suite = 'packages/testing/src/sync-contract'
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    operations: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '3' },
    testNamePattern: { type: 'string', short: 't' },
    prepare: { type: 'boolean' },
    'print-rules': { type: 'boolean' },
  },
})
const { SYNC_URL, DATABASE_URL, SYNC_JWKS_PORT } = process.env

/** Bundles the workspaces alone; a module still finds the files beside its source. */
const fromSources = {
  name: 'from-sources',
  setup(bundling) {
    bundling.onResolve({ filter: /^[^./]/ }, ({ path: name }) =>
      name.startsWith('@sealbook/') ? undefined : { path: name, external: true },
    )
    bundling.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(file)),
      ),
      loader: 'ts',
    }))
  },
}

if (options['print-rules']) await printRules()
else if (options.prepare) await prepare()
else process.exitCode = await test()

async function printRules() {
  const read = (file) => readFile(path.join(root, file), 'utf8')
  const contract = (await read(`${suite}/contract_rules.yaml`)).split(/^bucket_definitions:\n/m)[1]
  process.stdout.write((await read('powersync/sync_rules.yaml')) + contract)
}

/** Makes the tables that an outside engine must find when it starts. */
async function prepare() {
  if (!DATABASE_URL) throw new Error('DATABASE_URL says which database is prepared')
  // There, because not every package of the server lies at the root.
  const outfile = path.join(root, 'apps/server/.cache/prepare.mjs')
  await build({
    entryPoints: [path.join(root, suite, 'prepare.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [fromSources],
  })
  process.exitCode = await run(process.execPath, [outfile])
}

async function test() {
  if (Boolean(SYNC_URL) !== Boolean(DATABASE_URL)) {
    throw new Error('SYNC_URL and DATABASE_URL name an outside engine together')
  }
  const signingKey = process.env.SYNC_SIGNING_JWK ?? JSON.stringify(await createKey())
  const server = SYNC_JWKS_PORT ? await serveJwks(JSON.parse(signingKey), SYNC_JWKS_PORT) : null
  if (SYNC_URL && !server && !process.env.SYNC_SIGNING_JWK) {
    throw new Error('SYNC_SIGNING_JWK or SYNC_JWKS_PORT: the engine must trust the tokens')
  }
  const args = [
    'run',
    ...(positionals.length > 0 ? positionals.map((name) => `${suite}/${name}`) : [suite]),
  ]
  if (options.testNamePattern) args.push('-t', options.testNamePattern)
  // One database: what one file truncates, another one would miss.
  if (SYNC_URL) args.push('--no-file-parallelism')
  const env = {
    SYNC_SIGNING_JWK: signingKey,
    SEALBOOK_OPERATIONS: options.operations,
    SEALBOOK_KILLS: options.kills,
    ...(options.seed ? { SEALBOOK_SEED: options.seed } : {}),
    ...(options.seeds ? { SEALBOOK_SEEDS: options.seeds } : {}),
  }
  const code = await run(path.join(root, 'node_modules/.bin/vitest'), args, { env })
  server?.close()
  return code
}

async function createKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  // Its own for each run: a service that runs on remembers for minutes which key a name stands for.
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' }
}

/** Only the public part. */
function serveJwks({ kty, n, e, kid, alg, use }, port) {
  const body = JSON.stringify({ keys: [{ kty, n, e, kid, alg, use }] })
  const server = createServer((_, res) => {
    res.writeHead(200, { 'Content-Type': 'application/json' }).end(body)
  })
  return new Promise((resolve) => server.listen(Number(port), '127.0.0.1', () => resolve(server)))
}
