import { describe, expect, it } from 'vitest'
import { startApp, storageCause, type StartDeps } from './start-state.ts'

const never = <T>() => new Promise<T>(() => undefined)
const soon = () => new Promise((resolve) => setImmediate(resolve))

function start(changes: Partial<StartDeps<string>> = {}) {
  let run: () => void = () => undefined
  const state = startApp({
    scope: wholeScope,
    readStorage: () => Promise.resolve(undefined),
    loadFiles: () => Promise.resolve({ begin: () => Promise.resolve('app') }),
    later: (late) => (run = late),
    ...changes,
  })
  return { state, waitTooLong: () => run() }
}

describe('startApp', () => {
  it('is ready once the storage answered and the files are here', async () => {
    const { state, waitTooLong } = start()
    expect(state.value).toEqual({ kind: 'starting', slow: null })
    await soon()
    waitTooLong()
    expect(state.value).toEqual({ kind: 'ready', app: 'app' })
  })

  it('says what it waits for when that takes long, and goes on when it comes', async () => {
    let answer: () => void = () => undefined
    const { state, waitTooLong } = start({
      readStorage: () => new Promise<void>((resolve) => (answer = resolve)),
    })
    await soon()
    expect(state.value).toEqual({ kind: 'starting', slow: null })
    waitTooLong()
    expect(state.value).toEqual({ kind: 'starting', slow: 'storage' })
    answer()
    await soon()
    expect(state.value.kind).toBe('ready')
  })

  it('tells each of the steps apart', async () => {
    const files = start({ loadFiles: never })
    await soon()
    files.waitTooLong()
    expect(files.state.value).toEqual({ kind: 'starting', slow: 'files' })
    const cryptography = start({ loadFiles: () => Promise.resolve({ begin: never<string> }) })
    await soon()
    cryptography.waitTooLong()
    expect(cryptography.state.value).toEqual({ kind: 'starting', slow: 'cryptography' })
  })

  it('stops with the cause where a step fails, also one that throws at once', async () => {
    const refuse = () => {
      throw new DOMException('no', 'SecurityError')
    }
    const refused = start({ readStorage: refuse })
    const offline = start({ loadFiles: () => Promise.reject(new TypeError('no network')) })
    const broken = start({
      loadFiles: () => Promise.resolve({ begin: () => Promise.reject(new RangeError('no')) }),
    })
    await soon()
    expect(refused.state.value).toEqual({
      kind: 'stopped',
      cause: { kind: 'storage-refused', name: 'SecurityError' },
    })
    expect(offline.state.value).toEqual({
      kind: 'stopped',
      cause: { kind: 'files-missing', name: 'TypeError' },
    })
    expect(broken.state.value).toEqual({
      kind: 'stopped',
      cause: { kind: 'cryptography-failed', name: 'RangeError' },
    })
    refused.waitTooLong()
    expect(refused.state.value.kind).toBe('stopped')
  })

  it('tells an insecure address from an old browser, and reads nothing in either', () => {
    const deps = { readStorage: () => Promise.reject(new Error('was read')) }
    const lacking = { ...wholeScope, crypto: undefined, navigator: {} }
    expect(start({ ...deps, scope: { ...lacking, isSecureContext: false } }).state.value).toEqual({
      kind: 'stopped',
      cause: { kind: 'insecure-address' },
    })
    expect(start({ ...deps, scope: lacking }).state.value).toEqual({
      kind: 'stopped',
      cause: { kind: 'old-browser', missing: ['Web Cryptography', 'Web Locks'] },
    })
  })
})

describe('storageCause', () => {
  it('goes by the name', () => {
    expect(storageCause('QuotaExceededError').kind).toBe('storage-full')
    expect(storageCause('UnknownError').kind).toBe('storage-damaged')
    for (const name of ['SecurityError', 'InvalidStateError', 'TypeError', 'unknown'])
      expect(storageCause(name).kind).toBe('storage-refused')
  })
})

const wholeScope = {
  isSecureContext: true,
  WebAssembly: {},
  crypto: { subtle: {}, getRandomValues() {}, randomUUID() {} },
  navigator: { locks: {} },
  Worker: class {},
  BroadcastChannel: class {},
  MessageChannel: class {},
  ReadableStream: class {},
  structuredClone() {},
  AbortSignal: { timeout() {} },
  Array,
  Object,
  Intl,
}
