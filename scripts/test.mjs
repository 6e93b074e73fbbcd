// npm test: every check and every test, then one line with the sums.
import './node-version.mjs'
import { spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { ensureInstalled } from './install.mjs'
import { npm, root, run } from './run.mjs'

const minuteMs = 60_000
/** A guard against what hangs, not a target: the target is 25 minutes on two idle cores. */
const budgetMs = 60 * minuteMs
const vitestReport = path.join(root, '.cache/vitest.json')
const playwrightReport = path.join(root, 'apps/web/test-results/results.json')

const started = performance.now()
await ensureInstalled()
await ensureTestSqlite()
const sums = { passed: 0, failed: 0 }

await check('formatting', () => bin('prettier', ['--check', '.'], 3))
await check('lint', () => bin('eslint', ['.', '--max-warnings', '0'], 12))
await check('types', () => script('typecheck.mjs', 12))
await check('unused code and dependencies', () => bin('knip', [], 5))
await tests('unit, property and integration tests', vitestReport, readVitest, () => {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`]
  return bin('vitest', ['run', ...reporters], 20)
})
await check('build', () => npm(['run', 'build'], limit(8)))
await tests('browser tests', playwrightReport, readPlaywright, async () => {
  const chromium = await ensureChromium()
  if (!chromium) return 1
  const env = { CHROMIUM_PATH: chromium }
  return npm(['run', 'test:e2e'], { ...limit(budgetMs / minuteMs), env })
})

console.log(`\n${sums.passed} passed, ${sums.failed} failed`)
process.exit(sums.failed === 0 ? 0 : 1)

/** Counts as one. */
async function check(name, work) {
  announce(name)
  const code = await work()
  sums[code === 0 ? 'passed' : 'failed'] += 1
  if (code !== 0) console.error(`FAILED: ${name}`)
}

/** Counts each test. A run that broke without a failing test counts as one failure. */
async function tests(name, report, read, work) {
  announce(name)
  await rm(report, { force: true })
  const code = await work()
  const text = await readFile(report, 'utf8').catch(() => undefined)
  const { passed, failed } = text === undefined ? { passed: 0, failed: 0 } : read(JSON.parse(text))
  sums.passed += passed
  sums.failed += failed === 0 && (code !== 0 || passed === 0) ? 1 : failed
  console.log(`${name}: ${passed} passed, ${failed} failed`)
}

function announce(name) {
  const seconds = Math.round((performance.now() - started) / 1_000)
  console.log(`\n=== ${name} (after ${seconds} s)`)
}

/** @returns exit code of a program in node_modules/.bin */
function bin(name, args, minutes) {
  return run(path.join(root, 'node_modules/.bin', name), args, limit(minutes))
}

function script(name, minutes) {
  return run(process.execPath, [path.join(root, 'scripts', name)], limit(minutes))
}

/** So many minutes, or what is left of the budget, but at least one. */
function limit(minutes) {
  const leftMs = budgetMs - (performance.now() - started)
  return { timeoutMs: Math.max(minuteMs, Math.min(minutes * minuteMs, leftMs)) }
}

/** A file that does not even load has no failing test of its own. */
function readVitest({ numPassedTests, numFailedTests, testResults }) {
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  )
  return { passed: numPassedTests, failed: numFailedTests + broken.length }
}

/** A test that passed only when repeated has failed. */
function readPlaywright({ stats, errors }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length }
}

/** Only tests use better-sqlite3; it is the one package that has to be compiled or downloaded. */
async function ensureTestSqlite() {
  const probe = ['-e', "new (require('better-sqlite3'))(':memory:')"]
  if (spawnSync(process.execPath, probe, { cwd: root, stdio: 'ignore' }).status === 0) return
  console.log('Preparing SQLite for the tests…')
  await npm(['rebuild', 'better-sqlite3', '--foreground-scripts'], { timeoutMs: 10 * minuteMs })
}
