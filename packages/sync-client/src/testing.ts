import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { PowerSyncDatabase } from '@powersync/node'
import type { UploadOperation } from '@sealbook/schema/upload'
import { buildPowerSyncSchema } from '@sealbook/schema/powersync'
import type { PostResult, Refusal, SyncApi } from './api.ts'
import { installProblems } from './problems.ts'
import type { AcknowledgedChange, ConflictingChange } from '@sealbook/schema/upload'
import type { SealedChanges } from './refusals.ts'

const workspaceId = '11111111-1111-4111-8111-111111111111'

/** A real database in a folder of its own, and what removes both. */
export async function openDevice(): Promise<{
  readonly db: AbstractPowerSyncDatabase
  readonly close: () => Promise<void>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'sealbook-sync-client-'))
  const db = new PowerSyncDatabase({
    schema: buildPowerSyncSchema(),
    database: {
      dbFilename: 'device.db',
      dbLocation: folder,
      implementation: { type: 'better-sqlite3' },
      readWorkerCount: 1,
    },
  })
  await installProblems(db)
  const close = async () => {
    await db.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { db, close }
}

export function rowId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** A sealed account as the router writes it; the envelopes are only looked at by their form. */
export async function queueAccount(
  db: Pick<AbstractPowerSyncDatabase, 'execute'>,
  id: string,
  { revision = 1, sortOrder = 0 } = {},
): Promise<void> {
  await db.execute(
    `INSERT INTO accounts_encrypt(id, workspace_id, created_at, updated_at, type, currency,
      sort_order, name, opening_balance, note, revision, seal)
      VALUES (?, ?, 1, 1, 'cash', 'EUR', ?, 'AQE', 'AQE', 'AQE', ?, ?)`,
    [id, workspaceId, sortOrder, revision, sealOf(id, revision)],
  )
}

export async function editAccount(
  db: Pick<AbstractPowerSyncDatabase, 'execute'>,
  id: string,
  revision: number,
): Promise<void> {
  await db.execute(`UPDATE accounts_encrypt SET name = ?, revision = ?, seal = ? WHERE id = ?`, [
    `AQE${revision}`,
    revision,
    sealOf(id, revision),
    id,
  ])
}

/** The plaintext row beside it. `balance` is SQL, so that it may be any integer. */
export async function writeLocalAccount(
  db: Pick<AbstractPowerSyncDatabase, 'execute'>,
  id: string,
  { name, balance }: { readonly name: string; readonly balance: bigint },
): Promise<void> {
  await db.execute('DELETE FROM accounts WHERE id = ?', [id])
  await db.execute(
    `INSERT INTO accounts(id, workspace_id, created_at, updated_at, type, currency, sort_order,
      name, opening_balance) VALUES (?, ?, 1, 1, 'cash', 'EUR', 0, ?, ${balance})`,
    [id, workspaceId, name],
  )
}

/** What sync does to a twin: without a queued change. Null removes the row. */
export async function applyServerRow(
  db: AbstractPowerSyncDatabase,
  id: string,
  row: { readonly revision: number } | null,
): Promise<void> {
  await db.execute('DELETE FROM ps_data__accounts_encrypt WHERE id = ?', [id])
  if (row === null) return
  await db.execute('INSERT INTO ps_data__accounts_encrypt(id, data) VALUES (?, ?)', [
    id,
    JSON.stringify({ ...row, workspace_id: workspaceId, seal: `server ${row.revision}` }),
  ])
}

export async function countQueued(db: AbstractPowerSyncDatabase): Promise<number> {
  return (await db.get<{ n: number }>('SELECT count(*) AS n FROM ps_crud')).n
}

export function sealOf(id: string, revision: number): string {
  return `seal of ${id} at ${revision}`
}

/** The router's part: remembers what was taken back, and knows one base for every change. */
export class RecordedChanges implements SealedChanges {
  readonly takenBack: ConflictingChange[] = []
  readonly acknowledged: AcknowledgedChange[] = []
  base: string | null = null

  takeBack(_tx: unknown, change: ConflictingChange): Promise<void> {
    this.takenBack.push(change)
    return Promise.resolve()
  }

  /** Entries of the queue when the last receipts were kept. */
  queuedAtAcknowledgement = 0

  async acknowledge(
    tx: Pick<AbstractPowerSyncDatabase, 'get'>,
    changes: readonly AcknowledgedChange[],
  ): Promise<void> {
    this.acknowledged.push(...changes)
    const queue = await tx.get<{ n: number }>('SELECT count(*) AS n FROM ps_crud')
    this.queuedAtAcknowledgement = queue.n
  }

  findBase(): Promise<string | null> {
    return Promise.resolve(this.base)
  }
}

export type Script = (batch: readonly UploadOperation[], call: number) => PostResult

/** The network's fake: answers each batch as the script says and remembers it. */
export class ScriptedApi implements SyncApi {
  readonly batches: (readonly UploadOperation[])[] = []
  readonly #script: Script

  constructor(script: Script) {
    this.#script = script
  }

  fetchToken() {
    return Promise.resolve({ token: 't', powersync_url: 'http://localhost/powersync' })
  }

  postBatch(batch: readonly UploadOperation[]): Promise<PostResult> {
    this.batches.push(batch)
    return Promise.resolve(this.#script(batch, this.batches.length))
  }
}

export const accepted: PostResult = { kind: 'answered', refusals: [] }

export function refused(index: number, refusal: Partial<Refusal> = {}): PostResult {
  const base = { code: 'forbidden', retryable: false, detail: 'no right to write' }
  const none = { current: undefined, deletedRevision: null }
  return { kind: 'answered', refusals: [{ index, ...base, ...none, ...refusal }] }
}
