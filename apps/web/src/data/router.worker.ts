import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { loadCrypto, wipeWorkspaceKeys, type WorkspaceKeys } from '@sealbook/crypto'
import {
  claimGeneration,
  createCryptoRouter,
  installRouter,
  type CryptoRouter,
} from '@sealbook/crypto-router'
import { createSyncApi } from '@sealbook/sync-client'
import { brokenColumns } from './checkers.ts'
import { stand, type Candidate } from './election.ts'
import { fetchAs } from './fetch-as.ts'
import { openLeadChannel, type LeadChannel } from './lead-channel.ts'
import { createDatabaseOn, isDatabaseAwaited } from './local-database.ts'
import type { RouterReport, RouterRequest } from './router-messages.ts'
import { connectToServer, type ServerLink } from './server-link.ts'
import { keepStaleHandled } from './stale-handler.ts'

type StartRequest = Extract<RouterRequest, { kind: 'start' }>

/** In a burst of changes the screen's queries get the database in between. */
const restMs = 100
const keysByWorkspaceId = new Map<string, WorkspaceKeys>()
const stopped = new AbortController()
let candidate: Candidate | null = null
let channel: LeadChannel | null = null
let database: Promise<AbstractPowerSyncDatabase> | null = null
let router: CryptoRouter | null = null
let link: ServerLink | null = null
/** From when this Worker has the lock, which is before its database is open. */
let isLeading = false
let running: Promise<void> = Promise.resolve()

self.onmessage = (event: MessageEvent<RouterRequest>) => {
  const request = event.data
  switch (request.kind) {
    case 'start':
      keepKeys(request.keys)
      running = standUntilStopped(request)
      return
    case 'keys':
      keepKeys(request.keys)
      router?.wake()
      return
    case 'take-over':
      candidate?.takeOver()
      return
    case 'stop':
      void stop()
      return
  }
}

/**
 * The browser's one crypto router and its one connection to the server: every tab starts this
 * Worker, and the one that is elected works. The next takes over when its tab goes.
 */
async function standUntilStopped(request: StartRequest): Promise<void> {
  channel = openLeadChannel(request.access.fileName, {
    onAsk: () => {
      if (isLeading) tellLead()
    },
    onLead: () => candidate?.noteLeader(),
    onResume: (reason) => link?.resume(reason),
  })
  candidate = stand({
    name: `sealbook-router-${request.access.fileName}`,
    locks: navigator.locks,
    ask: () => channel?.ask(),
    lead: (signal) => lead(request, signal),
    signal: stopped.signal,
  })
  try {
    await candidate.ended
  } catch (error) {
    report({ kind: 'died', name: nameOf(error) })
  }
}

async function lead(
  request: StartRequest,
  electedUntil: AbortSignal,
): Promise<'done' | 'replaced'> {
  isLeading = true
  tellLead()
  const term = new AbortController()
  electedUntil.addEventListener('abort', () => term.abort(), { once: true })
  if (electedUntil.aborted) term.abort()
  try {
    return await leadFor(request, term)
  } finally {
    term.abort()
    router = null
    link = null
    await (await database)?.disconnect()
    isLeading = false
  }
}

async function leadFor(
  { access, port, userId }: StartRequest,
  term: AbortController,
): Promise<'done' | 'replaced'> {
  const isCryptoReady = loadCrypto()
  const db = await (database ??= openDatabase(port, access))
  if ((await installRouter(db)) === 'newer-schema') {
    report({ kind: 'outdated' })
    return 'done'
  }
  const generation = await claimGeneration(db)
  let outcome: 'done' | 'replaced' = 'replaced'
  link = connectToServer({
    db,
    api: createSyncApi(fetchAs(userId), ''),
    onStatus: tellLead,
    onSignedOut: () => report({ kind: 'signed-out' }),
    onSignedIn: () => report({ kind: 'signed-in' }),
    signal: term.signal,
  })
  await isCryptoReady
  router = createCryptoRouter({
    db,
    keys: { get: (workspaceId) => keysByWorkspaceId.get(workspaceId) },
    authorId: userId,
    generation,
    now: () => Date.now(),
    isAwaited: () => isDatabaseAwaited(access),
    checkRow: brokenColumns,
    tuning: { restMs },
    onOutdated: () => {
      outcome = 'done'
      report({ kind: 'outdated' })
      term.abort()
    },
    onReplaced: () => term.abort(),
    onError: (error) => report({ kind: 'failed', name: nameOf(error) }),
  })
  if (!term.signal.aborted) {
    router.start()
    // Here, because one tab at a time should do it, and none on its main thread.
    const handling = keepStaleHandled(db, term.signal).catch((error: unknown) =>
      report({ kind: 'failed', name: nameOf(error) }),
    )
    await new Promise((resolve) => term.signal.addEventListener('abort', resolve, { once: true }))
    await router.stop()
    await handling
  }
  if (stopped.signal.aborted) return 'done'
  if (outcome === 'replaced') report({ kind: 'replaced' })
  return outcome
}

async function openDatabase(
  port: MessagePort,
  access: StartRequest['access'],
): Promise<AbstractPowerSyncDatabase> {
  const db = createDatabaseOn(port, access)
  await db.init()
  return db
}

function tellLead(): void {
  channel?.lead(link?.status ?? null)
}

async function stop(): Promise<void> {
  stopped.abort()
  await running
  await (await database)?.close()
  channel?.close()
  for (const keys of keysByWorkspaceId.values()) wipeWorkspaceKeys(keys)
  keysByWorkspaceId.clear()
  report({ kind: 'stopped' })
}

function keepKeys(keys: readonly WorkspaceKeys[]): void {
  for (const workspace of keys) keysByWorkspaceId.set(workspace.workspaceId, workspace)
}

function report(message: RouterReport): void {
  self.postMessage(message)
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
