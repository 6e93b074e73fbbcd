import { vitest } from './test-steps.mjs'

/** Needs the built app and a Chromium. */
export function hostile(minutes, args = [], env = {}) {
  const config = 'packages/testing/src/hostile/vitest.config.ts'
  return vitest('a lying server', minutes, ['--config', config, ...args], env)
}
