import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { loadCrypto } from '@sealbook/crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installRouter } from './install.ts'
import { readConflicts } from './conflicts.ts'
import { readRowFaults } from './faults.ts'
import { countOwed, countReceipts } from './owed.ts'
import { openRow } from './rows.ts'
import { readRouterProgress } from './journal.ts'
import { createCryptoRouter } from './router.ts'
import { shapeOf } from './shapes.ts'
import { CrashScene, newKeyText, type JournalEntry } from './testing/crash-scene.ts'
import { DeviceLab, openDatabase, personId } from './testing/device.ts'
import { SyncLink, type MiniServer, type Upload } from './testing/mini-server.ts'

const kills = Number(process.env['SEALBOOK_KILLS'] ?? 6)
const seed = Number(process.env['SEALBOOK_SEED'] ?? Date.now() % 1_000_000)
const longestLifeMs = 700
const killTimeoutMs = 30_000

// Inside the repository, so that the child finds the packages that stay outside its bundle.
const cache = join(dirname(createRequire(import.meta.url).resolve('vitest')), '..', '.cache')
const childPath = join(cache, `sealbook-crash-child-${process.pid}.mjs`)
const lab = new DeviceLab()

beforeAll(async () => {
  await loadCrypto()
  await mkdir(cache, { recursive: true })
  await build({
    entryPoints: [join(import.meta.dirname, 'testing', 'crash-child.ts')],
    outfile: childPath,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@powersync/*', 'better-sqlite3', 'libsodium-wrappers-sumo', 'zod'],
  })
})
afterAll(async () => {
  await lab.close()
  await rm(childPath, { force: true })
})

describe('promise 3: a device that is killed at any moment', () => {
  it(
    `keeps every accepted write once, on both sides, over ${kills} kills (SEALBOOK_SEED=${seed})`,
    async () => {
      const folder = await lab.folder()
      const scene = new CrashScene(folder)
      scene.create(newKeyText())
      const random = seededRandom(seed)
      for (let kill = 0; kill < kills; kill++) await liveAndDie(folder, random() * longestLifeMs)
      await checkAftermath(folder, scene)
    },
    60_000 + kills * killTimeoutMs,
  )
})

async function liveAndDie(folder: string, lifeMs: number): Promise<void> {
  const child = spawn(process.execPath, [childPath, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  await Promise.race([once(child.stdout, 'data'), exited])
  await sleep(lifeMs)
  child.kill('SIGKILL')
  const [code, signal] = await exited
  expect({ code, signal, complaint }).toMatchObject({ code: null, signal: 'SIGKILL' })
}

async function checkAftermath(folder: string, scene: CrashScene): Promise<void> {
  const server = scene.openServer()
  const keys = scene.keys()
  const db = openDatabase(folder)
  await installRouter(db)
  const router = createCryptoRouter({
    db,
    keys: { get: () => keys },
    authorId: personId,
    now: () => Date.now(),
  })
  const link = new SyncLink(db, server, 'killed')
  await router.drain()
  await link.sync()
  await router.drain()
  const settled = router.totals()
  await link.sync()
  await router.drain()
  expect(router.totals()).toEqual(settled)
  expect(await readRouterProgress(db)).toEqual({ pendingSeal: 0, pendingOpen: 0, faulty: 0 })
  expect(await readRowFaults(db)).toEqual([])
  expect(await readConflicts(db)).toEqual([])
  // What the server acknowledged has come back, all of it.
  expect(await countReceipts(db)).toBe(0)
  expect(await countOwed(db)).toEqual({ lost: 0, returned: 0, forked: 0 })

  const local = await db.getAll<LocalRow>(
    `SELECT id, payee, CAST(amount AS TEXT) AS amount FROM transactions ORDER BY id`,
  )
  await db.close()
  const journal = scene.journal()
  expect(journal.length).toBeGreaterThan(kills)
  expect(local.some(({ payee }) => payee.startsWith('foreign'))).toBe(true)
  checkAccepted(journal, local)
  expect(openAll(server, scene)).toEqual(local)
  checkUploadedOnce(server.uploads, journal)
}

interface LocalRow {
  readonly id: string
  readonly payee: string
  readonly amount: string
}

/** Every row is as its last accepted write left it, or as one that died before saying so. */
function checkAccepted(journal: readonly JournalEntry[], local: readonly LocalRow[]): void {
  const possible = new Map<string, (string | null)[]>()
  for (const entry of journal) {
    if (entry.accepted) possible.set(entry.id, [entry.payee])
    else possible.set(entry.id, [...(possible.get(entry.id) ?? [null]), entry.payee])
  }
  const found = new Map(local.map(({ id, payee }) => [id, payee]))
  for (const [id, payees] of possible) expect(payees).toContain(found.get(id) ?? null)
  const own = local.filter(({ payee }) => payee.startsWith('write'))
  for (const { id } of own) expect(possible.has(id)).toBe(true)
}

/**
 * No change was queued twice: every upload of a row, a delete too, takes the revision after the one
 * before it, and there are no more of them than the journal has writes. How many there are depends
 * on how far a killed life came: writes between two sealings become one.
 */
function checkUploadedOnce(uploads: readonly Upload[], journal: readonly JournalEntry[]): void {
  const begun = journal.filter(({ accepted }) => !accepted)
  const writesById = groupById(begun)
  for (const [id, ofRow] of groupById(uploads)) {
    const taken = ofRow.map(({ op, data, previousRevision }) =>
      op === 'DELETE' ? Number(previousRevision) + 1 : Number(data['revision']),
    )
    expect(taken).toEqual(ofRow.map((_, index) => index + 1))
    const writes = writesById.get(id) ?? []
    expect(ofRow.length).toBeLessThanOrEqual(writes.length)
    const deletes = ofRow.filter(({ op }) => op === 'DELETE')
    const ownDeletes = writes.filter(({ payee }) => payee === null)
    expect(deletes.length).toBeLessThanOrEqual(ownDeletes.length)
  }
}

function groupById<T extends { readonly id: string }>(all: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(one.id, [...(groups.get(one.id) ?? []), one])
  return groups
}

function openAll(server: MiniServer, scene: CrashScene): LocalRow[] {
  const keys = scene.keys()
  const rows = [...server.rows].map(([key, row]) => {
    const id = key.split('/')[1] ?? ''
    const opened = openRow(shapeOf('transactions'), keys, id, row)
    if (!opened.ok) throw new Error(opened.error.kind)
    const { payee, amount } = opened.value.values
    return { id, payee: payee as string, amount: String(amount) }
  })
  return rows.sort((left, right) => (left.id < right.id ? -1 : 1))
}

/** Mulberry32: a small generator, so that a seed repeats the moments. */
function seededRandom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
