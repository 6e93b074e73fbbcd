import type { PowerSyncDatabase } from '@powersync/node'
import { asKek, kdfFloor, newKdfParams, type KdfParams, type WorkspaceKeys } from '@sealbook/crypto'
import { createCryptoRouter, type RouterProgress } from '@sealbook/crypto-router'
import { createApiClient } from './api-client.ts'
import { createDeviceStore, type Entries } from './device-store.ts'
import type { KeyBundle, WrappedDataKey } from './keys-api.ts'
import type { Ledger, LedgerInput } from './ledger.ts'
import { createCell } from './session-state.ts'
import { createSession, type Session } from './session-store.ts'
import type { DatabaseFailure, SyncState } from './session-types.ts'
import { unknownSyncState } from './sync-state.ts'
import type { TabMessage } from './tabs.ts'
import { openTestDatabase } from './testing.ts'

export const account = { email: 'ada@example.org', password: 'a long password' }
export const home = {
  name: 'Home',
  currency: 'EUR',
  starterCategories: [
    { name: 'Groceries', icon: 'basket', colour: 'moss', kind: 'expense' },
    { name: 'Salary', icon: 'briefcase', colour: 'spruce', kind: 'income' },
  ],
} as const
export const secretKey = 'six words'

/** What a browser profile keeps: it outlives the sessions of its tabs. */
export class Profile {
  /** Why no database of this profile opens. */
  failure: DatabaseFailure | null = null
  /** Whether the app's pages can be had, from the server or the service worker. */
  comesBack = false
  readonly entries = new Map<string, unknown>()
  readonly databases = new Map<string, PowerSyncDatabase>()

  async open(fileName: string): Promise<PowerSyncDatabase> {
    const db = this.databases.get(fileName) ?? (await openTestDatabase())
    this.databases.set(fileName, db)
    return db
  }

  async remove(fileName: string): Promise<void> {
    await this.databases.get(fileName)?.close()
    this.databases.delete(fileName)
  }

  async dispose(): Promise<void> {
    for (const fileName of [...this.databases.keys()]) await this.remove(fileName)
  }

  /** The entries of a kind, whosever they are. */
  entry(kind: string): unknown {
    return [...this.entries].find(([key]) => key.startsWith(`${kind}:`))?.[1]
  }

  has(kind: string): boolean {
    return this.entry(kind) !== undefined
  }
}

/** A tab: the real session and database, without IndexedDB, a network and Argon2id's cost. */
export function openTab(server: FakeServer, profile = new Profile()) {
  const opened: string[] = []
  const removed: string[] = []
  const told: TabMessage[] = []
  const sync = createCell<SyncState>(unknownSyncState)
  let reconnects = 0
  let ends = 0
  let callbacks: Omit<LedgerInput, 'api'> | null = null
  let hear: (message: TabMessage) => void = () => undefined
  let route: () => Promise<RouterProgress | null> = () => Promise.resolve(null)

  const ledger = async (input: Omit<LedgerInput, 'api'>): Promise<Ledger> => {
    const db = await profile.open(input.access.fileName)
    const keys = new Map<string, WorkspaceKeys>()
    const keep = (given: readonly WorkspaceKeys[]) =>
      given.forEach((workspace) => keys.set(workspace.workspaceId, workspace))
    callbacks = input
    return {
      db,
      sync: {
        get state() {
          return sync.value
        },
        subscribe: sync.subscribe,
      },
      start(given) {
        keep(given)
        opened.push(input.access.fileName)
        const router = createCryptoRouter({
          db,
          keys: { get: (workspaceId) => keys.get(workspaceId) },
          authorId: input.userId,
          now: () => 1_700_000_000_000,
        })
        route = () => router.drain()
      },
      giveKeys: keep,
      countUnsent: () => Promise.resolve(sync.value.waiting),
      keys: { get: (workspaceId) => keys.get(workspaceId) },
      storage: 'opfs',
      wakeRouter: () => undefined,
      takeOver: () => undefined,
      suspend: () => undefined,
      reconnect: () => void (reconnects += 1),
      close: () => Promise.resolve(),
    }
  }
  const session: Session = createSession({
    api: createApiClient(server.fetch, () => session.ownerId()),
    device: createDeviceStore(mapEntries(profile.entries)),
    tabs: {
      tell: (message) => void told.push(message),
      listen: (listener) => (hear = listener),
    },
    derivation: { derive, deriveCalibrated },
    openLedger: async (input) =>
      profile.failure === null
        ? { ok: true, value: await ledger(input) }
        : { ok: false, error: profile.failure },
    removeDatabase: async (fileName) => {
      removed.push(fileName)
      await profile.remove(fileName)
    },
    detectStorage: () => Promise.resolve('opfs'),
    endDocument: () => {
      ends += 1
      return Promise.resolve(profile.comesBack)
    },
    readUnsaved: () => [{ label: 'Payee', value: 'Corner bakery' }],
  })
  return {
    session,
    server,
    profile,
    opened,
    removed,
    told,
    reconnects: () => reconnects,
    /** How often the session asked for the document's end. */
    ends: () => ends,
    /** What the connection hears of the server. */
    connection: () => callbacks,
    /** Has the router seal and open what there is. */
    route: () => route(),
    setSync: (value: SyncState) => sync.set(value),
    hear: async (message: TabMessage) => {
      hear(message)
      await settle()
    },
  }
}

/** Time for what was started in passing. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}

export async function setUpKeys(
  session: Session,
  stayUnlocked = false,
): Promise<readonly string[]> {
  const pending = await session.prepareKeys(secretKey)
  if (!pending.ok) throw new Error(pending.error.kind)
  const committed = await pending.value.commit({ stayUnlocked })
  if (!committed.ok) throw new Error(committed.error.kind)
  return pending.value.recoveryWords
}

/** A tab whose person has set everything up and whose rows are sealed. */
export async function openSettledTab({ stayUnlocked = false, server = fakeServer() } = {}) {
  const tab = openTab(server)
  await tab.session.start()
  await tab.session.signUp(account)
  const words = await setUpKeys(tab.session, stayUnlocked)
  const created = await tab.session.createWorkspace(home)
  if (!created.ok) throw new Error(created.error.kind)
  await tab.route()
  return { ...tab, words }
}

/** Stands for Argon2id, which `packages/crypto` proves: the same inputs give the same key. */
async function derive(text: string, params: KdfParams) {
  const normalised = text.normalize('NFKC').trim().replace(/\s+/gu, ' ')
  const bytes = new TextEncoder().encode(`${normalised}|${params.salt}`)
  const kek = asKek(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  return { ok: true as const, value: { kek, elapsedMs: 1 } }
}

async function deriveCalibrated(text: string) {
  const params = newKdfParams(kdfFloor)
  const { value } = await derive(text, params)
  return { ok: true as const, value: { kek: value.kek, params } }
}

function mapEntries(entries: Map<string, unknown>): Entries {
  return {
    get: (key) => Promise.resolve(entries.get(key)),
    set: (key, value) => Promise.resolve(void entries.set(key, value)),
    update: (key, change) => Promise.resolve(void entries.set(key, change(entries.get(key)))),
    remove: (keys) => Promise.resolve(keys.forEach((key) => entries.delete(key))),
    keys: () => Promise.resolve([...entries.keys()]),
  }
}

export type FakeServer = ReturnType<typeof fakeServer>
/** Answers in the server's place; undefined leaves the answer to it. */
export type Liar = (
  request: string,
  honest: () => Promise<Response>,
) => Promise<Response> | undefined

/** The documented answers of the server for one account. */
export function fakeServer() {
  let user = { id: crypto.randomUUID(), email: account.email }
  let keys: KeyBundle = { slots: [], workspaces: [] }
  let session = false
  let online = true
  let lie: Liar = () => undefined

  const answer = (status: number, body: unknown) => Promise.resolve(Response.json(body, { status }))
  const refuse = (status: number, code: string) => answer(status, { error: { code, message: '' } })

  const handle = (request: string, init: RequestInit): Promise<Response> => {
    const body = JSON.parse((init.body as string | undefined) ?? '{}') as Record<string, never>
    switch (request) {
      case 'POST /api/auth/sign-up/email':
      case 'POST /api/auth/sign-in/email':
        session = true
        return answer(200, { user })
      case 'POST /api/auth/sign-out':
        session = false
        return answer(200, {})
    }
    const owner = new Headers(init.headers).get('x-sealbook-user')
    if (!session || (owner !== null && owner !== user.id)) return refuse(401, 'unauthorized')
    switch (request) {
      case 'GET /api/keys':
        return answer(200, keys)
      case 'GET /api/auth/get-session':
        return answer(200, { session: { id: 'here' } })
      case 'GET /api/auth/list-sessions':
        return answer(200, [{ id: 'here', token: 'token', createdAt: '2026-01-01', updatedAt: 1 }])
      case 'POST /api/keys':
        if (keys.slots.length > 0) return refuse(409, 'keys-exist')
        keys = { ...keys, slots: body['slots'] ?? [] }
        return answer(201, {})
      case 'POST /api/workspaces':
        return putDataKey(String(body['id']), body['dataKey'] as never)
    }
    if (request.startsWith('PUT /api/workspaces/')) {
      const [, , , workspaceId = '', , keyVersion] = request.split('/')
      if (!keys.workspaces.some((each) => each.workspaceId === workspaceId))
        return refuse(404, 'not-found')
      return putDataKey(workspaceId, {
        keyVersion: Number(keyVersion),
        wrapped: String(body['wrapped']),
      })
    }
    return putSlot(body as never)
  }

  const putDataKey = (workspaceId: string, dataKey: WrappedDataKey) => {
    const known = keys.workspaces.find((each) => each.workspaceId === workspaceId)
    const held = known?.dataKeys.find((key) => key.keyVersion === dataKey.keyVersion)
    if (held !== undefined)
      return held.wrapped === dataKey.wrapped ? answer(200, {}) : refuse(409, 'workspace-exists')
    const others = keys.workspaces.filter((each) => each !== known)
    const dataKeys = [...(known?.dataKeys ?? []), dataKey]
    keys = { ...keys, workspaces: [...others, { workspaceId, dataKeys }] }
    return answer(201, {})
  }

  const putSlot = ({
    slot,
    baseVersion,
  }: {
    slot: KeyBundle['slots'][number]
    baseVersion: number
  }) => {
    const stored = keys.slots.find((candidate) => candidate.kind === slot.kind)
    if ((stored?.version ?? 0) !== baseVersion) return refuse(409, 'version-conflict')
    keys = { ...keys, slots: [...keys.slots.filter((kept) => kept !== stored), slot] }
    return answer(200, {})
  }

  const fetch = ((url: string, init: RequestInit) => {
    if (!online) return Promise.reject(new TypeError('network'))
    const request = `${init.method} ${url}`
    const honest = () => handle(request, init)
    return lie(request, honest) ?? honest()
  }) as unknown as typeof globalThis.fetch

  return {
    fetch,
    keys: () => keys,
    setKeys: (value: KeyBundle) => void (keys = value),
    signedIn: () => session,
    endSession: () => void (session = false),
    /** Another account behind the same address, as on a server that was set up anew. */
    replaceAccount: () => {
      user = { id: crypto.randomUUID(), email: account.email }
      keys = { slots: [], workspaces: [] }
      session = false
    },
    setOnline: (value: boolean) => void (online = value),
    setLiar: (value: Liar | null) => void (lie = value ?? (() => undefined)),
  }
}
