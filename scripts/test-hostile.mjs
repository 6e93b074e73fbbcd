// npm run test:hostile: a lying server and a real browser. packages/testing/README.md says what it does.
import './node-version.mjs'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './build.mjs'
import { ensureChromium } from './chromium.mjs'
import { hostile } from './hostile-step.mjs'
import { runSteps } from './test-steps.mjs'

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string' },
    cases: { type: 'string' },
    testNamePattern: { type: 'string', short: 't' },
  },
})

if (!(await ensureChromium()) || !(await ensureBuilt())) process.exit(1)
const env = Object.fromEntries(
  Object.entries({ SEALBOOK_SEED: options.seed, SEALBOOK_CASES: options.cases }).filter(
    ([, value]) => value !== undefined,
  ),
)
const args = options.testNamePattern ? ['-t', options.testNamePattern] : []
const passed = await runSteps([hostile(60, args, env)])
process.exit(passed ? 0 : 1)
