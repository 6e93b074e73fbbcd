import { PostgresStartError } from '@sealbook/pg-runtime'
import { SyncSetupError } from '@sealbook/server'
import { SetupError } from '@sealbook/sync-engine'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { ConfigError, readConfig, type SelfhostConfig } from './config.ts'
import { startSelfhost, syncAudience, type Selfhost } from './selfhost.ts'

const stopTimeoutMs = 45_000

/** Lie where build.mjs puts them, relative to the bundle apps/selfhost/dist/main.js. */
const files = {
  migrationsDir: fileURLToPath(new URL('./migrations', import.meta.url)),
  syncRulesFile: fileURLToPath(new URL('./sync_rules.yaml', import.meta.url)),
  siteDir: fileURLToPath(new URL('../../web/dist', import.meta.url)),
}

process.exitCode = await run()

/** Runs until a signal, the loss of the parent or the loss of Postgres; the process's exit code. */
async function run(): Promise<number> {
  const asked = stopRequest()
  let selfhost: Selfhost
  try {
    const config = readConfig(process.env, process.stdout.isTTY)
    const logger = pino({ level: config.logLevel }, pino.destination({ dest: 1, sync: true }))
    selfhost = await startSelfhost(config, files, logger)
    process.stdout.write(`Sealbook is ready on ${config.publicUrl}\n`)
    if (config.syncUrl !== undefined) process.stdout.write(syncServiceText(config, config.syncUrl))
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return 1
  }
  const lost = selfhost.databaseGone.then(() => 'database-lost' as const)
  const reason = await Promise.race([asked, lost])
  if (reason === 'database-lost') process.stderr.write('Postgres ended unexpectedly. Stopping.\n')
  // unref: only a stop that hangs is cut short.
  setTimeout(() => process.exit(1), stopTimeoutMs).unref()
  await selfhost.stop()
  return reason === 'asked' ? 0 : 1
}

/** What an outside sync service must be given; it does not ask for it. */
function syncServiceText({ publicUrl, syncRole }: SelfhostConfig, syncUrl: string): string {
  return [
    `Devices sync with ${syncUrl}. That service needs, as docs/self-hosting.md shows:`,
    `  keys of tokens   ${publicUrl}/.well-known/jwks.json (or where it reaches this process)`,
    `  audience         ${syncAudience}`,
    `  rules            powersync/sync_rules.yaml`,
    `  Postgres         this database as role ${syncRole}, and another database for itself\n`,
  ].join('\n')
}

/**
 * Ctrl-C reaches this process from the terminal and from scripts/start.mjs: the second is the
 * same wish. The channel to start.mjs closes when that one is killed.
 */
function stopRequest(): Promise<'asked'> {
  return new Promise((resolve) => {
    const ask = () => resolve('asked')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask)
    if (process.channel) {
      process.once('disconnect', ask)
      process.channel.unref()
    }
  })
}

/** For the person at the terminal: one sentence where we know what is wrong. */
function explain(error: unknown): string {
  for (const explained of [ConfigError, PostgresStartError, SetupError, SyncSetupError]) {
    if (error instanceof explained) return error.message
  }
  if (!(error instanceof Error)) return String(error)
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program. Stop that one, or choose another: PORT=4174 npm start`
  }
  if (code === 'EACCES' && port !== undefined) {
    return `Port ${port} needs more rights. Choose one above 1023: PORT=4174 npm start`
  }
  return error.stack ?? error.message
}
