import { totalPartBits } from '@sealbook/ledger'
import type { TotalParts } from './amount-sql.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PowerSyncDatabase } from '@powersync/node'
import { installRouter } from '@sealbook/crypto-router'
import { buildPowerSyncSchema } from '@sealbook/schema/powersync'

/** A real database for a test, with the router's tables and no router, in a folder that goes when it is closed. */
export async function openTestDatabase(): Promise<PowerSyncDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'sealbook-web-'))
  const db = new PowerSyncDatabase({
    schema: buildPowerSyncSchema(),
    database: { dbFilename: 'test.db', dbLocation: folder },
  })
  db.registerListener({ closed: () => rmSync(folder, { recursive: true }) })
  await db.init()
  await installRouter(db)
  return db
}

/** A total as `totalColumns` selects it, for rows that a test makes up. */
export function totalParts<Name extends string>(name: Name, total: bigint | number) {
  const [sum, bits] = [BigInt(total), BigInt(totalPartBits)]
  return {
    [`${name}_high`]: Number(sum >> bits),
    [`${name}_low`]: Number(sum & ((1n << bits) - 1n)),
  } as TotalParts<Name>
}
