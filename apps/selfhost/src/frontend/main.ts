import { fileURLToPath } from 'node:url'
import { ConfigError } from '../config.ts'
import { readFrontendConfig } from './config.ts'
import { startFrontend } from './frontend.ts'

/** The frontend container: the page, and the way to the API and the sync service. */
async function main(): Promise<void> {
  const config = readFrontendConfig(process.env)
  const siteDir = process.env['SITE_DIR'] ?? fileURLToPath(new URL('./site', import.meta.url))
  const frontend = await startFrontend(config, siteDir)
  const stop = () => void frontend.stop().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.stdout.write(`the frontend listens on port ${frontend.port}\n`)
}

main().catch((error: unknown) => {
  const explained = error instanceof ConfigError || !(error instanceof Error)
  const reason = explained ? String(error) : (error.stack ?? error.message)
  process.stderr.write(`the frontend could not start: ${reason}\n`)
  process.exit(1)
})
