import { createCell, type Cell } from '../data/session-state.ts'
import { missingFeatures, type Scope } from '../platform/required-features.ts'

/** What a start waits for, in the order in which it is told to the person. */
export type StartStep = 'storage' | 'files' | 'cryptography'

/** Why the app cannot start here. Each has a cause that can be told, and something that helps. */
export type StartCause =
  /** Plain http from another machine: browsers give no cryptography there. */
  | { readonly kind: 'insecure-address' }
  | { readonly kind: 'old-browser'; readonly missing: readonly string[] }
  /** The browser keeps nothing for this site; `name` is its own word for it. */
  | { readonly kind: 'storage-refused'; readonly name: string }
  | { readonly kind: 'storage-full'; readonly name: string }
  /** What the browser keeps for this site cannot be read any more. */
  | { readonly kind: 'storage-damaged'; readonly name: string }
  | { readonly kind: 'files-missing'; readonly name: string }
  | { readonly kind: 'cryptography-failed'; readonly name: string }
  /** A bug. */
  | { readonly kind: 'fault'; readonly name: string }

export type StartState<App> =
  /** `slow` is what has been waited for too long; null while that is nothing yet. */
  | { readonly kind: 'starting'; readonly slow: StartStep | null }
  | { readonly kind: 'stopped'; readonly cause: StartCause }
  | { readonly kind: 'ready'; readonly app: App }

export interface StartDeps<App> {
  readonly scope: Scope
  /** A first real read of what the device keeps. */
  readonly readStorage: () => Promise<unknown>
  /** The app's own files. */
  readonly loadFiles: () => Promise<{ readonly begin: () => Promise<App> }>
  /** Calls back later, as `setTimeout`. */
  readonly later: (run: () => void, ms: number) => void
}

/** From here on a start says what it waits for. */
const patienceMs = 5_000

/** Starts once; the cell says how far it is. A step that comes late still goes on by itself. */
export function startApp<App>(deps: StartDeps<App>): Cell<StartState<App>> {
  const state = createCell<StartState<App>>(
    { kind: 'starting', slow: null },
    ({ kind }) => kind !== 'starting',
  )
  const missing = missingFeatures(deps.scope)
  if (missing.length > 0) {
    const isInsecure = deps.scope.isSecureContext === false
    stop(isInsecure ? { kind: 'insecure-address' } : { kind: 'old-browser', missing })
    return state
  }
  const waiting = new Set<StartStep>(['storage', 'files', 'cryptography'])
  let isSlow = false
  const tellSlow = () => {
    const [slow] = waiting
    if (isSlow && slow !== undefined) state.set({ kind: 'starting', slow })
  }
  const finish = (step: StartStep) => {
    waiting.delete(step)
    tellSlow()
  }
  deps.later(() => {
    isSlow = true
    tellSlow()
  }, patienceMs)
  void run()
  return state

  async function run(): Promise<void> {
    const storage = read('storage', deps.readStorage, storageCause)
    const files = read('files', deps.loadFiles, (name) => ({ kind: 'files-missing', name }))
    const [isReadable, loaded] = await Promise.all([storage, files])
    if (isReadable === null || loaded === null) return
    const app = await read('cryptography', loaded.value.begin, (name) => ({
      kind: 'cryptography-failed',
      name,
    }))
    if (app !== null) state.set({ kind: 'ready', app: app.value })
  }

  async function read<T>(
    step: StartStep,
    ask: () => Promise<T>,
    causeOf: (name: string) => StartCause,
  ): Promise<{ readonly value: T } | null> {
    try {
      const value = await ask()
      finish(step)
      return { value }
    } catch (error) {
      stop(causeOf(nameOf(error)))
      return null
    }
  }

  function stop(cause: StartCause): void {
    state.set({ kind: 'stopped', cause })
  }
}

/** By the names that browsers give to what IndexedDB answers. */
export function storageCause(name: string): StartCause {
  switch (name) {
    case 'QuotaExceededError':
      return { kind: 'storage-full', name }
    case 'UnknownError':
    case 'VersionError':
    case 'DataError':
    case 'NotReadableError':
      return { kind: 'storage-damaged', name }
    default:
      return { kind: 'storage-refused', name }
  }
}

export function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : 'unknown'
}

/** A part of the app that is loaded late. Each engine has its own words for it. */
export function isMissingFile(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /dynamically imported module|Importing a module script failed/i.test(error.message)
  )
}
