import { chromium, type Browser } from 'playwright-core'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { chromiumArgs, findChromium } from '../browser/chromium.ts'
import { startStack, type Stack } from '../browser/stack.ts'
import { foundLedger, type HonestLedger } from './honest-ledger.ts'
import { openVictim, type Victim, type VictimOptions } from './victim.ts'

/** One server and one browser, for as many scenes as there are. */
export interface Stage {
  readonly stack: Stack
  readonly browser: Browser
  readonly pool: pg.Pool
  close(): Promise<void>
}

/** A person with a ledger and a device of theirs, whose network is a liar's. */
export interface Scene {
  readonly ledger: HonestLedger
  readonly victim: Victim
  close(): Promise<void>
}

async function openStage(): Promise<Stage> {
  // The liar tells the server from which address each device comes.
  const stack = await startStack({ env: { TRUST_PROXY: 'true' } })
  const executablePath = findChromium()
  const browser = await chromium.launch({
    args: chromiumArgs,
    ...(executablePath ? { executablePath } : {}),
  })
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 4 })
  pool.on('error', () => undefined)
  return {
    stack,
    browser,
    pool,
    async close() {
      await browser.close()
      await pool.end()
      await stack.dispose()
    },
  }
}

/** A stage for all tests of a file. */
export function useStage(): () => Stage {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())
  return () => stage
}

/** @param payees of the transactions that the device shows when the scene begins. */
export async function openScene(
  { stack, browser, pool }: Stage,
  payees: readonly string[],
  options?: VictimOptions,
): Promise<Scene> {
  const ledger = await foundLedger(stack.url, pool, payees)
  const victim = await openVictim(browser, stack.url, ledger, options)
  return { ledger, victim, close: () => victim.close() }
}

/** Ends the scene whatever comes of it. */
export async function playScene(
  stage: Stage,
  payees: readonly string[],
  play: (scene: Scene) => Promise<void>,
  options?: VictimOptions,
): Promise<void> {
  const scene = await openScene(stage, payees, options)
  try {
    await play(scene)
  } finally {
    await scene.close()
  }
}
