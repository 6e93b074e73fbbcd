import { readRouterProgress, repairRow, type Repair } from '@sealbook/crypto-router'
import type { EntityTable } from '@sealbook/schema'
import type { Inspection } from '../../data/session-types.ts'
import { inspectRow } from './inspect-rows.ts'

/** A row and what was done about it. */
export interface RepairedRow {
  readonly table: EntityTable
  readonly id: string
  readonly repair: Repair
}

const routingTimeoutMs = 10_000
const routingPollMs = 100

/** Repairs rows one by one, parents first, and waits until the router has followed. */
export async function repairRows(
  inspection: Inspection,
  rows: readonly { readonly table: EntityTable; readonly id: string }[],
): Promise<readonly RepairedRow[]> {
  const repaired: RepairedRow[] = []
  for (const { table, id } of rows) {
    const { row } = await inspectRow(inspection, table, id)
    const input = {
      table,
      id,
      keys: inspection.keys,
      server: row?.server ?? undefined,
      now: Date.now(),
    }
    const repair = await inspection.db.writeTransaction((tx) => repairRow(tx, input))
    repaired.push({ table, id, repair })
  }
  inspection.wakeRouter()
  await routed(inspection)
  return repaired
}

/** What waits for a key stays in the journals: not for ever, then. */
async function routed({ db }: Inspection): Promise<void> {
  const until = Date.now() + routingTimeoutMs
  while (Date.now() < until) {
    const { pendingSeal, pendingOpen } = await readRouterProgress(db)
    if (pendingSeal + pendingOpen === 0) return
    await new Promise((resolve) => setTimeout(resolve, routingPollMs))
  }
}
