// npm run test:converge: the convergence harness. packages/testing/README.md says what it does.
import './node-version.mjs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root, run } from './run.mjs'

const suite = 'packages/testing/src/converge'
const { values: options } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '10' },
    devices: { type: 'string' },
    operations: { type: 'string' },
    kills: { type: 'string' },
    lies: { type: 'string' },
    restores: { type: 'string' },
    'soak-minutes': { type: 'string' },
    shrink: { type: 'boolean' },
    testNamePattern: { type: 'string', short: 't' },
  },
})

const env = Object.fromEntries(
  Object.entries({
    SEALBOOK_SEED: options.seed,
    SEALBOOK_SEEDS: options.seeds,
    SEALBOOK_DEVICES: options.devices,
    SEALBOOK_OPERATIONS: options.operations,
    SEALBOOK_KILLS: options.kills,
    SEALBOOK_LIES: options.lies,
    SEALBOOK_RESTORES: options.restores,
    SEALBOOK_SOAK_MINUTES: options['soak-minutes'],
    SEALBOOK_SHRINK: options.shrink ? '1' : undefined,
  }).filter(([, value]) => value !== undefined),
)
const files = options['soak-minutes'] ? [`${suite}/soak.test.ts`] : [suite]
const pattern = options.testNamePattern ? ['-t', options.testNamePattern] : []
const vitest = path.join(root, 'node_modules/.bin/vitest')
process.exitCode = await run(vitest, ['run', ...files, ...pattern], { env })
