import type { WorkspaceKeys } from '@sealbook/crypto'
import type { DatabaseAccess } from './local-database.ts'
import type { RouterReport, RouterRequest } from './router-messages.ts'

/** This tab's router Worker. Once started, it routes and syncs while it is the elected one. */
export interface RouterProcess {
  /** @param connect asked for each Worker: one that dies is followed by another. */
  start(connect: () => Promise<MessagePort>, keys: readonly WorkspaceKeys[]): void
  giveKeys(keys: readonly WorkspaceKeys[]): void
  /** Routes and syncs from here now, whoever else does. */
  takeOver(): void
  /** Ends it in the middle of whatever it does, for a page that may not wait. */
  terminate(): void
  /** Ends after the step that it is in. */
  stop(): Promise<void>
}

/** A Worker that does not answer is ended: a step is one transaction, so nothing is half done. */
const stopTimeoutMs = 3_000
/** A router that died is started again, not at once. */
const restartPauseMs = 5_000

/**
 * Before the database is opened: some engines compile one WebAssembly module at a time, and once
 * SQLite works hard, the compiler optimises it for up to minutes. The Worker's cryptography has to
 * come first.
 */
export function prepareRouter(input: {
  readonly access: DatabaseAccess
  readonly userId: string
  readonly onReport: (report: RouterReport) => void
}): RouterProcess {
  let keys: readonly WorkspaceKeys[] = []
  let connect: (() => Promise<MessagePort>) | null = null
  let restart: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let worker = spawn()

  function spawn(): Worker {
    const spawned = new Worker(new URL('./router.worker.ts', import.meta.url), { type: 'module' })
    const startAnew = () => {
      spawned.terminate()
      clearTimeout(restart)
      if (!stopped) restart = setTimeout(() => (worker = spawn()), restartPauseMs)
    }
    spawned.onmessage = (event: MessageEvent<RouterReport>) => {
      input.onReport(event.data)
      if (event.data.kind === 'died') startAnew()
    }
    spawned.onerror = () => {
      input.onReport({ kind: 'died', name: 'worker' })
      startAnew()
    }
    void begin(spawned)
    return spawned
  }

  async function begin(spawned: Worker): Promise<void> {
    const port = await connect?.()
    if (port === undefined) return
    const { access, userId } = input
    send(spawned, { kind: 'start', access, userId, port, keys }, [port])
  }

  return {
    start(connectTo, given) {
      connect = connectTo
      keys = given
      void begin(worker)
    },
    giveKeys(given) {
      keys = given
      send(worker, { kind: 'keys', keys })
    },
    takeOver: () => send(worker, { kind: 'take-over' }),
    terminate() {
      stopped = true
      clearTimeout(restart)
      worker.terminate()
    },
    async stop() {
      stopped = true
      clearTimeout(restart)
      await stopWorker(worker)
    },
  }
}

async function stopWorker(worker: Worker): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, stopTimeoutMs)
    worker.onmessage = (event: MessageEvent<RouterReport>) => {
      if (event.data.kind === 'stopped') resolve()
    }
    send(worker, { kind: 'stop' })
  })
  worker.terminate()
}

function send(worker: Worker, request: RouterRequest, transfer: Transferable[] = []): void {
  worker.postMessage(request, transfer)
}
