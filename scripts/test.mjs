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
const failures = []

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

// Once more at the end: of a long log, only that may be kept.
for (const failure of failures) console.error(`\nFAILED: ${failure}`)
console.log(`\n${sums.passed} passed, ${sums.failed} failed`)
process.exit(sums.failed === 0 ? 0 : 1)

/** Counts as one. */
async function check(name, work) {
  announce(name)
  const code = await work()
  sums[code === 0 ? 'passed' : 'failed'] += 1
  if (code !== 0) failures.push(name)
}

/** Counts each test. A run that broke without a failing test counts as one failure. */
async function tests(name, report, read, work) {
  announce(name)
  await rm(report, { force: true })
  const code = await work()
  const text = await readFile(report, 'utf8').catch(() => undefined)
  const { passed, failed } = text === undefined ? { passed: 0, failed: [] } : read(JSON.parse(text))
  if (failed.length === 0 && (code !== 0 || passed === 0)) failed.push(`exit code ${code}`)
  sums.passed += passed
  sums.failed += failed.length
  failures.push(...failed.map((failure) => `${name}: ${failure}`))
  console.log(`${name}: ${passed} passed, ${failed.length} failed`)
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
function readVitest({ numPassedTests, testResults }) {
  const failed = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative(root, name)
    const tests = assertionResults.filter((test) => test.status === 'failed')
    if (tests.length === 0 && status === 'failed') return [`${file}: ${message}`]
    return tests.map((test) => `${file}: ${test.fullName}\n${test.failureMessages.join('\n')}`)
  })
  return { passed: numPassedTests, failed }
}

/** A test that passed only when repeated has failed. */
function readPlaywright({ stats, errors, suites }) {
  const specs = suites.flatMap(specsOf).filter(({ tests }) => tests.some(isBad))
  const failed = [
    ...specs.map(({ file, title }) => `${file}: ${title}`),
    ...errors.map(({ message }) => message),
  ]
  return { passed: stats.expected, failed }
}

function specsOf({ specs, suites = [] }) {
  return [...specs, ...suites.flatMap(specsOf)]
}

function isBad({ status }) {
  return status === 'unexpected' || status === 'flaky'
}

/** Only tests use better-sqlite3; it is the one package that has to be compiled or downloaded. */
async function ensureTestSqlite() {
  const probe = ['-e', "new (require('better-sqlite3'))(':memory:')"]
  if (spawnSync(process.execPath, probe, { cwd: root, stdio: 'ignore' }).status === 0) return
  console.log('Preparing SQLite for the tests…')
  await npm(['rebuild', 'better-sqlite3', '--foreground-scripts'], { timeoutMs: 10 * minuteMs })
}
