import { readFile } from 'node:fs/promises'
import { migrate } from '@sealbook/server'
import type pg from 'pg'

/** The app's tables by its own migrations, and the suite's tables made anew. */
export async function prepareSource(pool: pg.Pool): Promise<void> {
  await migrate(pool)
  await pool.query(await readFile(new URL('contract_tables.sql', import.meta.url), 'utf8'))
}

/** The project's sync rules and those of the suite's tables, as one file. */
export async function readContractRules(): Promise<string> {
  const [project, contract] = await Promise.all([
    readFile(new URL('../../../../powersync/sync_rules.yaml', import.meta.url), 'utf8'),
    readFile(new URL('contract_rules.yaml', import.meta.url), 'utf8'),
  ])
  const [, definitions = ''] = contract.split(/^bucket_definitions:\n/m)
  return project + definitions
}
