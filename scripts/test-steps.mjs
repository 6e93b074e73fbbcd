import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { readPlaywright, readVitest } from './test-reports.mjs'
import { bin, root } from './run.mjs'

/**
 * @typedef {{ timeoutMs: number, isHeld?: boolean, env?: Record<string, string> }} Limits what
 *   `run` takes
 * @typedef {{ passed: number, failed: string[] }} Outcome
 * @typedef {{ name: string, minutes: number, work: (limits: Limits) => Promise<Outcome> }} Step
 */

const minuteMs = 60_000
/** A guard against what hangs, not a target: the target is 30 minutes on two idle cores. */
const budgetMs = 75 * minuteMs
const leftOutFile = path.join(root, '.cache/left-out.txt')
const leftOut = []

/**
 * Says by name, in the closing lines, what was not tested here, why, and what to do. Tests do the
 * same by adding a line to the file that `LEFT_OUT_FILE` names.
 */
export function leaveOut(what) {
  leftOut.push(what)
}

/**
 * Runs the steps one after the other and prints what failed, what was left out and the sums.
 *
 * @param {readonly Step[]} steps
 * @returns {Promise<boolean>} whether nothing failed
 */
export async function runSteps(steps) {
  const started = performance.now()
  await rm(leftOutFile, { force: true })
  let passed = 0
  const failures = []
  for (const { name, minutes, work } of steps) {
    const elapsedMs = performance.now() - started
    console.log(`\n=== ${name} (after ${Math.round(elapsedMs / 1_000)} s)`)
    const timeoutMs = Math.max(minuteMs, Math.min(minutes * minuteMs, budgetMs - elapsedMs))
    const outcome = await work({ timeoutMs, env: { LEFT_OUT_FILE: leftOutFile } })
    passed += outcome.passed
    failures.push(...outcome.failed.map((failure) => `${name}: ${failure}`))
  }
  console.log(`\nended after ${Math.round((performance.now() - started) / 1_000)} s`)
  // Once more at the end: of a long log, only that may be kept.
  for (const failure of failures) console.error(`\nFAILED: ${failure}`)
  for (const line of await readLeftOut()) console.log(`left out: ${line}`)
  console.log(`\n${passed} passed, ${failures.length} failed`)
  return failures.length === 0
}

/**
 * A step that counts as one.
 *
 * @param {(limits: Limits) => Promise<number>} work gives an exit code
 * @returns {Step}
 */
export function check(name, minutes, work) {
  return {
    name,
    minutes,
    work: async (limits) => {
      const code = await work(limits)
      return code === 0 ? { passed: 1, failed: [] } : { passed: 0, failed: [`exit code ${code}`] }
    },
  }
}

/**
 * A step that counts each test of `vitest run ...args`.
 *
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Step}
 */
export function vitest(name, minutes, args = [], env = {}) {
  const report = path.join(root, '.cache/vitest', `${fileName(name)}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  return tests(name, minutes, report, readVitest, (limits) =>
    bin('vitest', ['run', ...args, ...reporters], { ...limits, env: { ...limits.env, ...env } }),
  )
}

/**
 * A step that counts each browser test of the web app.
 *
 * @param {() => Promise<{ args?: string[], env?: Record<string, string> } | undefined>} prepare
 *   finds the browsers; undefined after it told the person what is missing
 * @returns {Step}
 */
export function playwright(name, minutes, prepare) {
  const report = path.join(root, '.cache/playwright', `${fileName(name)}.json`)
  return tests(name, minutes, report, readPlaywright, async (limits) => {
    const prepared = await prepare()
    if (!prepared) return 1
    const { args = [], env = {} } = prepared
    return bin('playwright', ['test', '--config', 'apps/web', ...args], {
      ...limits,
      env: { ...limits.env, ...env, PLAYWRIGHT_REPORT: report },
    })
  })
}

/**
 * Steps that run side by side, for those of which each keeps one processor busy. What each says
 * comes in one piece when it ends.
 *
 * @param {...Step} steps
 * @returns {Step}
 */
export function together(...steps) {
  return {
    name: steps.map(({ name }) => name).join(', '),
    minutes: Math.max(...steps.map(({ minutes }) => minutes)),
    work: async (limits) => {
      const outcomes = await Promise.all(
        steps.map(async ({ name, work }) => {
          const { passed, failed } = await work({ ...limits, isHeld: true })
          return { passed, failed: failed.map((failure) => `${name}: ${failure}`) }
        }),
      )
      return {
        passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
        failed: outcomes.flatMap(({ failed }) => failed),
      }
    },
  }
}

/** A run that broke without a failing test counts as one failure. */
function tests(name, minutes, report, read, work) {
  return {
    name,
    minutes,
    work: async (limits) => {
      await rm(report, { force: true })
      const code = await work(limits)
      const text = await readFile(report, 'utf8').catch(() => undefined)
      const outcome = text === undefined ? { passed: 0, failed: [] } : read(JSON.parse(text))
      if (outcome.failed.length === 0 && (code !== 0 || outcome.passed === 0)) {
        outcome.failed.push(`exit code ${code}`)
      }
      console.log(`${name}: ${outcome.passed} passed, ${outcome.failed.length} failed`)
      return outcome
    },
  }
}

function fileName(name) {
  return name.replaceAll(/\W+/g, '-')
}

async function readLeftOut() {
  const text = await readFile(leftOutFile, 'utf8').catch(() => '')
  return new Set([...leftOut, ...text.split('\n').filter(Boolean)])
}
