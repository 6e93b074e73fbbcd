import {
  column,
  PowerSyncDatabase,
  Schema,
  Table,
  type AbstractPowerSyncDatabase,
} from '@powersync/node'
import { buildPowerSyncSchema } from '@sealbook/schema/powersync'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { EngineProcess, Stage } from './stage.ts'

/** A real client. */
export interface Device {
  readonly db: AbstractPowerSyncDatabase
  /** Resolves when the first complete checkpoint was applied. */
  sync(engine: EngineProcess, stage: Stage, userId: string): Promise<void>
  close(): Promise<void>
}

/** The synced table that the benchmarks fill, and its copy that is not synced. */
export const synced = 'transactions_encrypt'
export const unsynced = 'transactions_copy'

export async function openDevice(schema = buildPowerSyncSchema()): Promise<Device> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sealbook-bench-device-'))
  const db = new PowerSyncDatabase({
    schema,
    logger: { log: () => undefined },
    // Devices with one file name in one process would sync one at a time.
    database: { dbFilename: `${randomUUID()}.db`, dbLocation: directory },
  })
  await db.init()
  return {
    db,
    async sync(engine, stage, userId) {
      const connector = {
        fetchCredentials: async () => ({ endpoint: engine.url, token: await stage.token(userId) }),
        uploadData: () => Promise.resolve(),
      }
      await db.connect(connector)
      await db.waitForFirstSync()
    },
    async close() {
      await db.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** One table, like the synced one, that nothing is uploaded from. */
export function buildUnsyncedSchema(): Schema {
  const original = buildPowerSyncSchema().tables.find((table) => table.name === synced)
  if (!original) throw new Error(`the schema has a table ${synced}`)
  const types = { TEXT: column.text, INTEGER: column.integer, REAL: column.real }
  const columns = original.columns.map(({ name, type }) => [name, types[type ?? 'TEXT']] as const)
  return new Schema({ [unsynced]: new Table(Object.fromEntries(columns), { localOnly: true }) })
}

/** Resolves when a SELECT on the device finds the row. */
export async function untilVisible(device: Device, id: string): Promise<void> {
  const found = new AbortController()
  await new Promise<void>((resolve, reject) => {
    const look = async () => {
      const sql = `SELECT 1 AS found FROM ${synced} WHERE id = ?`
      if ((await device.db.getAll(sql, [id])).length > 0) resolve()
    }
    device.db.onChange(
      { onChange: () => void look().catch(reject) },
      { tables: [synced], throttleMs: 0, signal: found.signal },
    )
    look().catch(reject)
  })
  found.abort()
}
