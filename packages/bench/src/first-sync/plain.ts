import { launchDevice } from '@sealbook/testing/browser'
import path from 'node:path'
import { servePlainApp } from '../page/plain-site.ts'
import type { EngineProcess, Stage } from '../sync/stage.ts'
import { setStage } from '../sync/stage.ts'
import type { Expected, Measured } from './measured.ts'

const workspaceId = 'plain'

/** The same engine for rows that are not sealed. */
export async function setPlainStage(): Promise<Stage> {
  const stage = await setStage(path.resolve('src/first-sync/plain-rules.yaml'))
  await stage.pool.query(`CREATE TABLE transactions (id uuid PRIMARY KEY, workspace_id text,
    account_id text, category_id text, kind text, occurred_on text, status text, amount bigint,
    payee text, note text, created_at bigint, updated_at bigint)`)
  await stage.pool.query('ALTER PUBLICATION powersync ADD TABLE transactions')
  return stage
}

/** The rows of the app's device, as they are there. */
export async function fillPlain(stage: Stage, rows: readonly unknown[]): Promise<void> {
  await stage.pool.query(
    `INSERT INTO transactions SELECT id, $1, account_id, category_id, kind, occurred_on, status,
       amount, payee, note, created_at, updated_at
     FROM json_populate_recordset(NULL::transactions, $2)`,
    [workspaceId, JSON.stringify(rows)],
  )
}

/** A new device's first sync, from connecting on. */
export async function syncPlain(
  stage: Stage,
  engine: EngineProcess,
  expected: Expected,
): Promise<Measured> {
  const site = await servePlainApp()
  const device = await launchDevice()
  try {
    await device.page.goto(site.url)
    return await device.page.evaluate(
      async ([endpoint, token, wanted]) => {
        const db = await plainApp.open()
        plainApp.showNewest(db)
        const stop = plainApp.watchMainThread()
        const here = plainApp.untilRowsAreHere(db, wanted)
        await db.connect(plainApp.connectorTo(endpoint, token))
        return { ...(await here), longestTaskMs: stop().longestTaskMs }
      },
      [engine.url, await stage.token(workspaceId), expected] as const,
    )
  } finally {
    await device.close()
    site.close()
  }
}
