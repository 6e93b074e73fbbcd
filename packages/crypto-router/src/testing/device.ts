import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PowerSyncDatabase } from '@powersync/node'
import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { deriveRowKeys, generateDataKey, type WorkspaceKeys } from '@sealbook/crypto'
import { buildPowerSyncSchema } from '@sealbook/schema/powersync'
import { installRouter } from '../install.ts'
import {
  createCryptoRouter,
  type CryptoRouter,
  type CryptoRouterDeps,
  type RouterTuning,
} from '../router.ts'
import type { CheckRow } from '../unruly.ts'
import { SyncLink, type MiniServer } from './mini-server.ts'

export const workspaceId = '11111111-1111-4111-8111-111111111111'
export const otherWorkspaceId = '22222222-2222-4222-8222-222222222222'

export const personId = '33333333-3333-4333-8333-333333333333'
export const otherPersonId = '44444444-4444-4444-8444-444444444444'

export function newWorkspaceKeys(id: string, keyVersion = 1): WorkspaceKeys {
  const rowKeys = deriveRowKeys(generateDataKey(), id, keyVersion)
  return { workspaceId: id, current: keyVersion, byVersion: new Map([[keyVersion, rowKeys]]) }
}

export function openDatabase(folder: string, file = 'device.db'): AbstractPowerSyncDatabase {
  return new PowerSyncDatabase({
    schema: buildPowerSyncSchema(),
    database: {
      dbFilename: file,
      dbLocation: folder,
      implementation: { type: 'better-sqlite3' },
      readWorkerCount: 1,
    },
  })
}

/** A device: a real database, the real router, and a connection to the server. */
export interface Device {
  readonly db: AbstractPowerSyncDatabase
  readonly router: CryptoRouter
  readonly link: SyncLink
  /** The device's keys by workspace; add and remove freely. */
  readonly keys: Map<string, WorkspaceKeys>
  readonly errors: unknown[]
  /** Routes, uploads, downloads and routes again. */
  settle(): Promise<void>
}

export interface DeviceOptions {
  readonly server: MiniServer
  readonly keys: readonly WorkspaceKeys[]
  readonly authorId?: string
  readonly tuning?: Partial<RouterTuning>
  readonly checkRow?: CheckRow
}

/** Opens devices in a fresh folder and closes all of them. */
export class DeviceLab {
  readonly #closers: (() => Promise<void>)[] = []
  #count = 0

  async open(options: DeviceOptions): Promise<Device> {
    const { server, keys, authorId = personId, tuning = {}, checkRow } = options
    const folder = await this.folder()
    const db = openDatabase(folder)
    this.#closers.push(() => db.close())
    await installRouter(db)
    const byWorkspace = new Map(keys.map((workspace) => [workspace.workspaceId, workspace]))
    const errors: unknown[] = []
    const router = createCryptoRouter({
      db,
      keys: { get: (id) => byWorkspace.get(id) },
      authorId,
      now: () => 1_700_000_000_000,
      onError: (error) => errors.push(error),
      tuning,
      ...(checkRow === undefined ? {} : { checkRow }),
    })
    this.#closers.push(() => router.stop())
    const link = new SyncLink(db, server, `device-${++this.#count}`)
    const settle = async () => {
      await router.drain()
      await link.sync()
      await router.drain()
    }
    return { db, router, link, keys: byWorkspace, errors, settle }
  }

  /** Another router on the same database, as another tab has one. */
  takeOver(device: Device, deps: Partial<CryptoRouterDeps> = {}): CryptoRouter {
    const router = createCryptoRouter({
      db: device.db,
      keys: { get: (id) => device.keys.get(id) },
      authorId: personId,
      now: () => 1_700_000_000_000,
      ...deps,
    })
    this.#closers.push(() => router.stop())
    return router
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'sealbook-router-'))
    this.#closers.push(() => rm(folder, { recursive: true, force: true }))
    return folder
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close()
  }
}
