import { loadCrypto } from '@sealbook/crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openTwins } from './open-step.ts'
import { TwinOpener } from './twins.ts'
import { sealStep } from './seal-step.ts'
import type { SqlTransaction, SqlValue } from './sql.ts'
import {
  DeviceLab,
  newWorkspaceKeys,
  personId,
  workspaceId,
  type Device,
} from './testing/device.ts'
import { insertTransaction, rowId } from './testing/ledger-rows.ts'
import { MiniServer } from './testing/mini-server.ts'

const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

/** Runs one step and says how SQLite went about every statement of it. */
async function plansOf(
  device: Device,
  step: (tx: SqlTransaction) => Promise<{ readonly handled: number }>,
): Promise<string[]> {
  const plans: string[] = []
  const handled = await device.db.writeTransaction(async (tx) => {
    const explain = async (sql: string, parameters: SqlValue[] = []) => {
      const rows = await tx.getAll<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters)
      plans.push(...rows.map(({ detail }) => detail))
    }
    const outcome = await step({
      execute: async (sql, parameters) => {
        await explain(sql, parameters)
        return tx.execute(sql, parameters)
      },
      executeRaw: async (sql, parameters) => {
        await explain(sql, parameters)
        return tx.executeRaw(sql, parameters)
      },
    })
    return outcome.handled
  })
  expect(handled).toBeGreaterThan(0)
  return plans
}

/** The notes in their order, the chunk's JSON, the one control row, and rows found by id. */
const proportional = [
  /^SEARCH /,
  /^SCAN (o|router_in) USING (COVERING )?INDEX router_(out|in)_next$/,
  /^SCAN (j|json_each) VIRTUAL TABLE/,
  /^SCAN router_control$/,
  // The server's lives, a thousand at most, and the one row of a break.
  /^SCAN (life|known|router_break)$/,
  /^SCAN CONSTANT ROW$/,
  // Tables that have deletes; of a few, as many as there are tables.
  /^(MERGE \(UNION\)|LEFT|RIGHT)$/,
  /^USE TEMP B-TREE FOR GROUP BY$/,
  // Over the chunk's ids, for the rows that are noted as unruly.
  /^CREATE BLOOM FILTER$/,
  // The notes of one step, which a subquery with a LIMIT found by their index.
  /^SCAN note$/,
  // The rows that a DELETE through a view found; a real scan would name the table underneath.
  /^SCAN \w+_encrypt$/,
  /^((CORRELATED )?SCALAR SUBQUERY|LIST SUBQUERY|REUSE LIST SUBQUERY|MATERIALIZE|CO-ROUTINE) /,
  /^USE TEMP B-TREE FOR (LAST TERM OF )?ORDER BY$/,
]

function scans(plans: readonly string[]): string[] {
  return plans.filter((detail) => !proportional.some((pattern) => pattern.test(detail)))
}

describe('a step', () => {
  it('reads and writes by id only, whatever the tables hold', async () => {
    const server = new MiniServer()
    const keys = [newWorkspaceKeys(workspaceId)]
    const a = await lab.open({ server, keys })
    const b = await lab.open({ server, keys })
    const sealing = (tx: SqlTransaction) =>
      sealStep(tx, { get: () => keys[0] }, personId, 500, 0, () => ['amount'])
    const opening = (tx: SqlTransaction) =>
      openTwins(
        tx,
        new TwinOpener({ get: () => keys[0] }),
        { stepRows: 1_000, rows: 1_000 },
        0,
        () => ['amount'],
      )
    await insertTransaction(a.db, rowId(1))
    await insertTransaction(a.db, rowId(2))
    const plans = await plansOf(a, sealing)
    await a.settle()
    await b.link.sync()
    plans.push(...(await plansOf(b, opening)))
    await a.db.execute(`UPDATE transactions SET note = 'edit' WHERE id = ?`, [rowId(1)])
    await a.db.execute('DELETE FROM transactions WHERE id = ?', [rowId(2)])
    plans.push(...(await plansOf(a, sealing)))
    await a.settle()
    // Deleted on one side and edited on both: a conflict too.
    await b.db.execute(`UPDATE transactions SET note = 'other'`)
    await b.link.sync()
    plans.push(...(await plansOf(b, opening)))
    expect(scans(plans)).toEqual([])
  })
})
