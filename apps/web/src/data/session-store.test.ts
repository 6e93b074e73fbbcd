import { asKek, kdfFloor, loadCrypto, newKdfParams, type KdfParams } from '@sealbook/crypto'
import { schemaVersion } from '@sealbook/schema'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from './api-client.ts'
import type { DatabaseRecord, DeviceSlot, DeviceStore } from './device-store.ts'
import type { KeyBundle } from './keys-api.ts'
import type { Ledger } from './ledger.ts'
import { createCell } from './session-state.ts'
import { createSession, type Session } from './session-store.ts'
import type { SyncState, User } from './session-types.ts'
import { unknownSyncState } from './sync-state.ts'
import type { TabMessage } from './tabs.ts'

const account = { email: 'ada@example.org', password: 'a long password' }
const home = { name: 'Home', currency: 'EUR', starterCategories: [] }

beforeAll(loadCrypto)

describe('session', () => {
  it('goes from sign-up to an open ledger', async () => {
    const { session } = device(server())
    await session.start()
    expect(session.state.kind).toBe('signed-out')
    await session.signUp(account)
    expect(session.state.kind).toBe('needs-keys')
    await setUpKeys(session)
    expect(session.state.kind).toBe('needs-workspace')
    expect(await session.createWorkspace(home)).toEqual({ ok: true, value: undefined })
    expect(session.state.kind).toBe('open')
  })

  it('stores nothing before the keys are committed', async () => {
    const { session, api } = device(server())
    await session.start()
    await session.signUp(account)
    const pending = await session.prepareKeys('six words')
    expect(pending.ok && pending.value.recoveryWords).toHaveLength(24)
    expect(api.keys().slots).toEqual([])
  })

  it('opens on a second device with the secret key and with the recovery key', async () => {
    const { api, words } = await settled()
    for (const open of [
      (session: Session) => session.unlock({ secretKey: ' six   words', stayUnlocked: false }),
      (session: Session) => session.unlockWithRecoveryKey({ words, stayUnlocked: false }),
    ]) {
      const { session } = device(api)
      await session.start()
      await session.signIn(account)
      expect(session.state.kind).toBe('locked')
      expect(await open(session)).toEqual({ ok: true, value: undefined })
      expect(session.state.kind).toBe('open')
    }
  })

  it('answers a wrong secret key, opens nothing and makes no key', async () => {
    const { api } = await settled()
    const before = JSON.stringify(api.keys())
    const second = device(api)
    await second.session.start()
    await second.session.signIn(account)
    const answer = await second.session.unlock({ secretKey: 'other words', stayUnlocked: true })
    expect(answer).toEqual({ ok: false, error: { kind: 'wrong-secret-key' } })
    expect(second.session.state.kind).toBe('locked')
    expect(second.opened).toEqual([])
    expect(second.entries.has('database')).toBe(false)
    expect(second.entries.has('slot')).toBe(false)
    expect(JSON.stringify(api.keys())).toBe(before)
  })

  it('tells a wrong recovery key from a mistyped one', async () => {
    const { api, words } = await settled()
    const { session } = device(api)
    await session.start()
    await session.signIn(account)
    const other = await session.prepareKeys('x')
    if (!other.ok) throw new Error(other.error.kind)
    const wrong = { words: other.value.recoveryWords, stayUnlocked: false }
    expect(await session.unlockWithRecoveryKey(wrong)).toMatchObject({
      error: { kind: 'wrong-recovery-key' },
    })
    const mistyped = {
      words: [...words.slice(1), 'zebra', 'zebra'].slice(0, 24),
      stayUnlocked: false,
    }
    expect(await session.unlockWithRecoveryKey(mistyped)).toMatchObject({
      error: { kind: 'malformed-recovery-key' },
    })
  })

  it('unlocks offline from what the device keeps', async () => {
    const { api, entries } = await settled()
    api.setOnline(false)
    const { session } = device(api, entries)
    await session.start()
    expect(session.state.kind).toBe('locked')
    expect(await session.unlock({ secretKey: 'six words', stayUnlocked: false })).toMatchObject({
      ok: true,
    })
    expect(session.state.kind).toBe('open')
  })

  it('says offline, not wrong, when a new device cannot ask for its slots', async () => {
    const { api } = await settled()
    const { session } = device(api)
    await session.start()
    api.failKeys(true)
    await session.signIn(account)
    expect(session.state.kind).toBe('locked')
    const answer = await session.unlock({ secretKey: 'six words', stayUnlocked: false })
    expect(answer).toEqual({ ok: false, error: { kind: 'offline' } })
  })

  it('stays unlocked over a restart only where asked, and until it is locked', async () => {
    const { api, entries } = await settled({ stayUnlocked: true })
    const again = device(api, entries)
    await again.session.start()
    expect(again.session.state.kind).toBe('open')
    await again.session.lock()
    expect(again.session.state.kind).toBe('locked')
    const third = device(api, entries)
    await third.session.start()
    expect(third.session.state.kind).toBe('locked')
  })

  it('finds a secret key that was changed on another device', async () => {
    const { api, session, entries } = await settled()
    const kept = new Map(entries)
    expect(await session.changeSecretKey('new words')).toEqual({ ok: true, value: undefined })
    const other = device(api, kept)
    await other.session.start()
    expect(
      await other.session.unlock({ secretKey: 'new words', stayUnlocked: false }),
    ).toMatchObject({ ok: true })
  })

  it('stops for good when another tab opens the database with a newer version', async () => {
    const { session, hear } = await settled()
    await hear({ kind: 'opened', schemaVersion })
    expect(session.state.kind).toBe('open')
    await hear({ kind: 'opened', schemaVersion: schemaVersion + 1 })
    const outdated = { kind: 'outdated', unsaved: [{ label: 'Payee', value: 'Corner bakery' }] }
    expect(session.state).toEqual(outdated)
    expect(session.inspection()).toBeNull()
    await hear({ kind: 'signed-out', userId: 'anybody' })
    session.supersede()
    expect(session.state).toEqual(outdated)
  })

  it('never replaces keys that another device set up first', async () => {
    const api = server()
    const first = device(api)
    await first.session.start()
    await first.session.signUp(account)
    const second = device(api)
    await second.session.start()
    await second.session.signIn(account)
    await setUpKeys(first.session)
    const slots = JSON.stringify(api.keys().slots)
    const late = await second.session.prepareKeys('late words')
    if (!late.ok) throw new Error(late.error.kind)
    expect(await late.value.commit({ stayUnlocked: false })).toMatchObject({
      error: { kind: 'keys-exist' },
    })
    expect(second.session.state.kind).toBe('locked')
    expect(JSON.stringify(api.keys().slots)).toBe(slots)
  })

  it('warns of unsent changes, locked too, and removes everything once told to', async () => {
    const { session, setSync, entries, removed } = await settled()
    setSync({ ...unknownSyncState, waiting: 2 })
    await session.lock()
    const warned = await session.signOut({ discardUnsent: false })
    expect(warned).toEqual({ ok: false, error: { kind: 'unsent-changes', count: 2 } })
    expect(session.state.kind).toBe('locked')
    expect(await session.signOut({ discardUnsent: true })).toMatchObject({ ok: true })
    expect(session.state.kind).toBe('signed-out')
    expect([...entries.keys()]).toEqual(['signOutPending'])
    expect(removed).toHaveLength(1)
  })

  it('tells the server later of a sign-out without a connection', async () => {
    const { api, session, entries } = await settled()
    api.setOnline(false)
    await session.signOut({ discardUnsent: true })
    expect(api.signedIn()).toBe(true)
    api.setOnline(true)
    await device(api, entries).session.start()
    expect(api.signedIn()).toBe(false)
  })

  it('forgets the keys but keeps the data when the account session ends', async () => {
    const { api, session, entries } = await settled({ stayUnlocked: true })
    api.signOut()
    await session.expire()
    expect(session.state.kind).toBe('signed-out')
    expect(entries.has('slot')).toBe(false)
    expect(entries.has('database')).toBe(true)
    await session.signIn(account)
    expect(session.state.kind).toBe('locked')
  })

  it('locks and signs out with the other tabs', async () => {
    const { session, hear } = await settled()
    const { user } = session.state as { user: User }
    await hear({ kind: 'locked', userId: 'somebody else' })
    expect(session.state.kind).toBe('open')
    await hear({ kind: 'locked', userId: user.id })
    expect(session.state.kind).toBe('locked')
    await hear({ kind: 'signed-out', userId: user.id })
    expect(session.state.kind).toBe('signed-out')
  })
})

async function setUpKeys(session: Session, stayUnlocked = false): Promise<readonly string[]> {
  const pending = await session.prepareKeys('six words')
  if (!pending.ok) throw new Error(pending.error.kind)
  const committed = await pending.value.commit({ stayUnlocked })
  if (!committed.ok) throw new Error(committed.error.kind)
  return pending.value.recoveryWords
}

/** A device whose person has set everything up. */
async function settled({ stayUnlocked } = { stayUnlocked: false }) {
  const made = device(server())
  await made.session.start()
  await made.session.signUp(account)
  const words = await setUpKeys(made.session, stayUnlocked)
  await made.session.createWorkspace(home)
  return { ...made, words }
}

/** A session with everything real but the network, IndexedDB, SQLite and Argon2id's cost. */
function device(api: ReturnType<typeof server>, entries = new Map<string, unknown>()) {
  const opened: string[] = []
  const removed: string[] = []
  const sync = createCell<SyncState>(unknownSyncState)
  let hear: (message: TabMessage) => void = () => undefined
  const ledger = (fileName: string): Ledger => ({
    db: fakeDatabase() as unknown as Ledger['db'],
    sync: {
      get state() {
        return sync.value
      },
      subscribe: sync.subscribe,
    },
    start: () => void opened.push(fileName),
    giveKeys: () => undefined,
    countUnsent: () => Promise.resolve(sync.value.waiting),
    keys: { get: () => undefined },
    storage: 'opfs',
    wakeRouter: () => undefined,
    close: () => Promise.resolve(),
  })
  const session = createSession({
    api: createApiClient(api.fetch),
    device: memoryStore(entries),
    tabs: {
      tell: () => undefined,
      listen: (listener) => (hear = listener),
    },
    derivation: { derive, deriveCalibrated },
    openLedger: ({ access }) => Promise.resolve({ ok: true, value: ledger(access.fileName) }),
    removeDatabase: (fileName) => Promise.resolve(void removed.push(fileName)),
    detectStorage: () => Promise.resolve('opfs'),
    readUnsaved: () => [{ label: 'Payee', value: 'Corner bakery' }],
  })
  return {
    session,
    api,
    entries,
    opened,
    removed,
    setSync: (value: SyncState) => sync.set(value),
    hear: async (message: TabMessage) => {
      hear(message)
      await new Promise((resolve) => setTimeout(resolve, 0))
    },
  }
}

/** Takes the starter rows; `rows.test.ts` proves how rows are written. */
function fakeDatabase() {
  const tx = {
    execute: () => Promise.resolve({ rowsAffected: 0 }),
    rollback: () => Promise.resolve(),
  }
  return { writeTransaction: <T>(work: (transaction: typeof tx) => Promise<T>) => work(tx) }
}

/** Stands for Argon2id, which `packages/crypto` proves: the same inputs give the same key. */
async function derive(secretKey: string, params: KdfParams) {
  const normalised = secretKey.normalize('NFKC').trim().replace(/\s+/gu, ' ')
  const bytes = new TextEncoder().encode(`${normalised}|${params.salt}`)
  const kek = asKek(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  return { ok: true as const, value: { kek, elapsedMs: 1 } }
}

async function deriveCalibrated(secretKey: string) {
  const params = newKdfParams(kdfFloor)
  const { value } = await derive(secretKey, params)
  return { ok: true as const, value: { kek: value.kek, params } }
}

function memoryStore(entries: Map<string, unknown>): DeviceStore {
  const read = <T>(name: string) => Promise.resolve(entries.get(name) as T | undefined)
  const write = (name: string, value: unknown) => Promise.resolve(void entries.set(name, value))
  const remove = (name: string) => Promise.resolve(void entries.delete(name))
  return {
    readUser: () => read<User>('user'),
    writeUser: (user) => write('user', user),
    readKeys: () => read<KeyBundle>('keys'),
    writeKeys: (_, keys) => write('keys', keys),
    readDatabase: () => read<DatabaseRecord>('database'),
    async keepDatabase(_, candidate) {
      const kept = (await read<DatabaseRecord>('database')) ?? candidate
      await write('database', kept)
      return kept
    },
    readDeviceSlot: () => read<DeviceSlot>('slot'),
    writeDeviceSlot: (_, slot) => write('slot', slot),
    removeDeviceSlot: () => remove('slot'),
    readFirstSync: async () => (await read('firstSync')) === true,
    writeFirstSync: () => write('firstSync', true),
    readUnsent: async () => (await read<number>('unsent')) ?? 0,
    writeUnsent: (_, count) => write('unsent', count),
    readSignOutPending: async () => (await read('signOutPending')) === true,
    writeSignOutPending: (pending) => write('signOutPending', pending),
    async removeUser() {
      for (const name of ['user', 'keys', 'database', 'slot', 'firstSync', 'unsent'])
        await remove(name)
    },
  }
}

/** The documented answers of the server for one account. */
function server() {
  const user = { id: crypto.randomUUID(), email: account.email }
  let keys: KeyBundle = { slots: [], workspaces: [] }
  let session = false
  let online = true
  let keysFail = false
  const answer = (status: number, body: unknown) => Promise.resolve(Response.json(body, { status }))
  const fetch = ((url: string, init: RequestInit) => {
    if (!online || (keysFail && url === '/api/keys'))
      return Promise.reject(new TypeError('network'))
    const body = JSON.parse((init.body as string | undefined) ?? '{}') as Record<string, never>
    switch (`${init.method} ${url}`) {
      case 'POST /api/auth/sign-up/email':
      case 'POST /api/auth/sign-in/email':
        session = true
        return answer(200, { user })
      case 'POST /api/auth/sign-out':
        session = false
        return answer(200, {})
    }
    if (!session) return answer(401, { error: { code: 'signed-out', message: '' } })
    switch (`${init.method} ${url}`) {
      case 'GET /api/keys':
        return answer(200, keys)
      case 'POST /api/keys':
        if (keys.slots.length > 0)
          return answer(409, { error: { code: 'keys-exist', message: '' } })
        keys = { ...keys, slots: body['slots'] ?? [] }
        return answer(201, {})
      case 'POST /api/workspaces':
        keys = {
          ...keys,
          workspaces: [{ workspaceId: String(body['id']), dataKeys: [body['dataKey'] as never] }],
        }
        return answer(201, {})
    }
    const { slot, baseVersion } = body as unknown as {
      slot: KeyBundle['slots'][number]
      baseVersion: number
    }
    const stored = keys.slots.find((candidate) => candidate.id === slot.id)
    if (stored?.version !== baseVersion)
      return answer(409, { error: { code: 'version-conflict', message: '' } })
    keys = { ...keys, slots: keys.slots.map((kept) => (kept.id === slot.id ? slot : kept)) }
    return answer(200, {})
  }) as unknown as typeof globalThis.fetch
  return {
    fetch,
    keys: () => keys,
    signedIn: () => session,
    signOut: () => void (session = false),
    setOnline: (value: boolean) => void (online = value),
    failKeys: (value: boolean) => void (keysFail = value),
  }
}
