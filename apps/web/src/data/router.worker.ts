import { loadCrypto, type WorkspaceKeys } from '@sealbook/crypto'
import { createCryptoRouter, installRouter, type CryptoRouter } from '@sealbook/crypto-router'
import { brokenColumns } from './checkers.ts'
import { createDatabaseOn, isDatabaseAwaited } from './local-database.ts'
import type { RouterReport, RouterRequest } from './router-messages.ts'
import { keepStaleHandled } from './stale-handler.ts'

type StartRequest = Extract<RouterRequest, { kind: 'start' }>

/** In a burst of changes the screen's queries get the database in between. */
const restMs = 100
const keysByWorkspaceId = new Map<string, WorkspaceKeys>()
const stopped = new AbortController()
let router: CryptoRouter | null = null
let running: Promise<void> = Promise.resolve()

self.onmessage = (event: MessageEvent<RouterRequest>) => {
  const request = event.data
  switch (request.kind) {
    case 'start':
      keepKeys(request.keys)
      running = route(request)
      return
    case 'keys':
      keepKeys(request.keys)
      router?.wake()
      return
    case 'stop':
      void stop()
      return
  }
}

/**
 * The browser's one crypto router: every tab starts this Worker, and the one that holds the Web
 * Lock routes. The next takes over when its tab goes.
 */
async function route(request: StartRequest): Promise<void> {
  const holdLock = navigator.locks.request(
    `sealbook-router-${request.access.fileName}`,
    { signal: stopped.signal },
    () => routeUntilStopped(request),
  )
  try {
    await holdLock
  } catch (error) {
    if (!stopped.signal.aborted) report({ kind: 'failed', name: nameOf(error) })
  }
}

async function routeUntilStopped({ port, access, userId }: StartRequest): Promise<void> {
  await loadCrypto()
  const db = createDatabaseOn(port, access)
  await db.init()
  if ((await installRouter(db)) === 'newer-schema') {
    report({ kind: 'outdated' })
    await db.close()
    return
  }
  router = createCryptoRouter({
    db,
    keys: { get: (workspaceId) => keysByWorkspaceId.get(workspaceId) },
    authorId: userId,
    now: () => Date.now(),
    isAwaited: () => isDatabaseAwaited(access),
    checkRow: brokenColumns,
    tuning: { restMs },
    onOutdated: () => report({ kind: 'outdated' }),
    onError: (error) => report({ kind: 'failed', name: nameOf(error) }),
  })
  if (!stopped.signal.aborted) {
    router.start()
    // Here, because one tab at a time should do it, and none on its main thread.
    const handling = keepStaleHandled(db, stopped.signal).catch((error: unknown) =>
      report({ kind: 'failed', name: nameOf(error) }),
    )
    await new Promise((resolve) =>
      stopped.signal.addEventListener('abort', resolve, { once: true }),
    )
    await router.stop()
    await handling
  }
  router = null
  await db.close()
}

async function stop(): Promise<void> {
  stopped.abort()
  await running
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
