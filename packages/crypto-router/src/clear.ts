import type { AbstractPowerSyncDatabase } from '@powersync/common'

/**
 * Removes everything that was synced, the plaintext included, without those deletes passing for
 * the person's own: `disconnectAndClear` with the router deaf, then its journals and memory wiped.
 * Stop the router first. Interrupted at any moment, `installRouter` finishes it at the next open.
 */
export async function clearSyncedData(db: AbstractPowerSyncDatabase): Promise<void> {
  await db.execute('UPDATE router_control SET clearing = 1')
  await db.disconnectAndClear()
  await db.writeTransaction(async (tx) => {
    for (const table of wipedTables) await tx.execute(`DELETE FROM ${table}`)
    await tx.execute('UPDATE router_control SET clearing = 0')
  })
}

const wipedTables = [
  'router_out',
  'router_in',
  'router_seen',
  'router_faults',
  'router_unruly',
  'router_conflicts',
  'router_bases',
  'router_owed',
  'router_lives',
  'router_break',
  'router_deeds',
  'router_passed',
  'router_brakes',
] as const
