// npm test: every check and every test; then what was left out, and one line with the sums.
import './node-version.mjs'
import { spawnSync } from 'node:child_process'
import { ensureChromium } from './chromium.mjs'
import { ensureEngines } from './engines.mjs'
import { ensureInstalled } from './install.mjs'
import { bin, npm, root, script } from './run.mjs'
import { hostile } from './hostile-step.mjs'
import { check, leaveOut, playwright, runSteps, together, vitest } from './test-steps.mjs'

await ensureInstalled()
await ensureTestSqlite()

/** With the minutes after which each is stopped as hanging. */
const passed = await runSteps([
  together(
    check('formatting', 3, (limits) => bin('prettier', ['--check', '.'], limits)),
    check('unused code and dependencies', 5, (limits) => bin('knip', [], limits)),
  ),
  together(
    check('lint', 12, (limits) => bin('eslint', ['.', '--max-warnings', '0'], limits)),
    check('types', 12, (limits) => script('typecheck.mjs', [], limits)),
  ),
  vitest('unit, property and integration tests', 20),
  vitest('server and sync engine on Postgres 16', 10, ['apps/server', 'packages/sync-engine'], {
    SEALBOOK_POSTGRES: '16',
  }),
  check('build', 8, (limits) => npm(['run', 'build'], limits)),
  playwright('browser tests', 60, withChromium),
  playwright('three engines', 20, withEngines),
  hostile(20),
])
process.exit(passed ? 0 : 1)

async function withChromium() {
  const chromium = await ensureChromium()
  return chromium && { args: ['--project', 'app'], env: { CHROMIUM_PATH: chromium } }
}

/** Chromium has to be there; another engine that cannot be had is left out by name. */
async function withEngines() {
  const chromium = await withChromium()
  if (!chromium) return undefined
  const { projects, missing } = await ensureEngines()
  missing.forEach(leaveOut)
  return { ...chromium, args: ['--project', 'chromium', ...projects] }
}

/** Only tests use better-sqlite3; it is the one package that has to be compiled or downloaded. */
async function ensureTestSqlite() {
  const probe = ['-e', "new (require('better-sqlite3'))(':memory:')"]
  if (spawnSync(process.execPath, probe, { cwd: root, stdio: 'ignore' }).status === 0) return
  console.log('Preparing SQLite for the tests…')
  await npm(['rebuild', 'better-sqlite3', '--foreground-scripts'], { timeoutMs: 600_000 })
}
