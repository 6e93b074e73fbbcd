import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { decodeBase64url, deriveRowKeys, loadCrypto, type WorkspaceKeys } from '@sealbook/crypto'
import { buildRowValidators } from '@sealbook/schema/upload'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readConflicts } from './conflicts.ts'
import { readRowFaults } from './faults.ts'
import { installRouter } from './install.ts'
import { readRouterProgress } from './journal.ts'
import { createCryptoRouter } from './router.ts'
import { openRow } from './rows.ts'
import { shapeOf } from './shapes.ts'
import { DeviceLab, openDatabase, personId, workspaceId } from './testing/device.ts'
import { rowId } from './testing/ledger-rows.ts'
import { MiniServer, SyncLink, type ServerRow } from './testing/mini-server.ts'

const fixtures = join(import.meta.dirname, '..', 'fixtures')
const versions = readdirSync(fixtures).filter((name) => name.startsWith('schema-'))
const lab = new DeviceLab()
beforeAll(() => loadCrypto())
afterEach(() => lab.close())

/** A device that an older version of the app left behind, with the server that it knew. */
async function openFixture(version: string) {
  const read = (name: string) => readFileSync(join(fixtures, version, name))
  const folder = await lab.folder()
  await writeFile(join(folder, 'device.db'), gunzipSync(read('device.db.gz')))
  const dataKey = decodeBase64url(read('key.txt').toString()) as Parameters<typeof deriveRowKeys>[0]
  const byVersion = new Map([[1, deriveRowKeys(dataKey, workspaceId, 1)]])
  const keys: WorkspaceKeys = { workspaceId, current: 1, byVersion }
  const server = new MiniServer()
  const ops = JSON.parse(read('server.json').toString()) as Parameters<typeof setOf>[0][]
  for (const op of ops) server.set(...setOf(op))
  const db = openDatabase(folder)
  await installRouter(db)
  const router = createCryptoRouter({
    db,
    keys: { get: () => keys },
    authorId: personId,
    now: () => 0,
  })
  return { db, keys, server, router, link: new SyncLink(db, server, 'upgraded') }
}

function setOf(op: { table: string; id: string; row: ServerRow | null }) {
  return [op.table, op.id, op.row] as const
}

const payees = (db: AbstractPowerSyncDatabase) =>
  db.getAll<{ id: string; payee: string; note: string | null; tags: string | null }>(
    'SELECT id, payee, note, tags FROM transactions ORDER BY id',
  )

describe.each(versions)('a database of %s, opened by this version of the app', (version) => {
  it('shows its rows at once, before anything is routed or downloaded', async () => {
    const { db } = await openFixture(version)
    // 40 written, one of them deleted, two more since, and two of other devices.
    const rows = await payees(db)
    expect(rows).toHaveLength(43)
    expect(rows[0]).toEqual({ id: rowId(1), payee: 'payee 1', note: 'queued', tags: null })
    const columns = await db.getAll<{ name: string }>(`SELECT name FROM pragma_table_info('debts')`)
    expect(columns.map(({ name }) => name)).toContain('counterparty')
    await db.close()
  })

  it('opens again only what has columns that the older app did not know', async () => {
    const { db, router } = await openFixture(version)
    await router.drain()
    expect(router.totals()).toEqual({ sealed: 2, opened: 3 })
    expect(await readRowFaults(db)).toEqual([])
    const newer = await db.getAll(
      'SELECT payee, note, tags, transfer_id FROM transactions WHERE tags IS NOT NULL ORDER BY id',
    )
    expect(newer).toEqual([
      { payee: 'newer 101', note: null, tags: 'tag of 101', transfer_id: rowId(7_101) },
      {
        payee: 'newer 102',
        note: 'by the old client',
        tags: 'tag of 102',
        transfer_id: rowId(7_102),
      },
    ])
    expect(
      await db.getAll('SELECT counterparty, principal, direction, workspace_id FROM debts'),
    ).toEqual([
      { counterparty: 'Ada', principal: 12_300, direction: 'lent', workspace_id: workspaceId },
    ])
    await db.close()
  })

  it('does nothing more at the second open', async () => {
    const { db, router } = await openFixture(version)
    await router.drain()
    const before = await payees(db)
    await installRouter(db)
    expect(await readRouterProgress(db)).toEqual({ pendingSeal: 0, pendingOpen: 0, faulty: 0 })
    expect(await payees(db)).toEqual(before)
    await db.close()
  })

  it('keeps the queue, which the server still takes, and agrees with the server after it', async () => {
    const { db, keys, router, link, server } = await openFixture(version)
    await router.drain()
    const validators = buildRowValidators()
    const uploads = await link.upload()
    expect(uploads.map(({ op }) => op).sort()).toEqual([
      ...['DELETE', 'PATCH', 'PATCH', 'PATCH', 'PUT', 'PUT'],
    ])
    for (const { op, table, data } of uploads) {
      const { put, patch } = validators.get(table)!
      if (op === 'PUT') expect(put.safeParse(data)).toMatchObject({ success: true })
      if (op === 'PATCH') expect(patch.safeParse(data)).toMatchObject({ success: true })
    }
    expect(await link.download()).toBe(true)
    await router.drain()
    expect(await readRowFaults(db)).toEqual([])
    expect(await readConflicts(db)).toEqual([])
    const shape = shapeOf('transactions')
    const local = await payees(db)
    expect(local).toHaveLength(43)
    for (const { id, ...shown } of local) {
      const opened = openRow(shape, keys, id, server.row(shape.twin, id)!)
      expect(opened, id).toMatchObject({ ok: true, value: { values: shown } })
      // What this version of the app sealed, of all that is there.
      const isByThisApp = id === rowId(3) || id === rowId(42)
      if (opened.ok) expect(opened.value.authorId === personId, id).toBe(isByThisApp)
    }
    await db.close()
  })

  it('loses nothing of a row that was changed here before its new columns were opened', async () => {
    const { db, router } = await openFixture(version)
    for (const n of [101, 102])
      await db.execute(`UPDATE transactions SET payee = 'early', note = NULL WHERE id = ?`, [
        rowId(n),
      ])
    await router.drain()
    expect(await readConflicts(db)).toEqual([])
    expect((await payees(db)).slice(-2)).toEqual([
      { id: rowId(101), payee: 'early', note: null, tags: 'tag of 101' },
      { id: rowId(102), payee: 'early', note: null, tags: 'tag of 102' },
    ])
    await db.close()
  })
})
