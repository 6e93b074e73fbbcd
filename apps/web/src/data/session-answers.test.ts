import { loadCrypto } from '@sealbook/crypto'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { KeyBundle } from './keys-api.ts'
import type { Session } from './session-store.ts'
import {
  account,
  fakeServer,
  home,
  openSettledTab,
  openTab,
  Profile,
  secretKey,
  settle,
  setUpKeys,
  type FakeServer,
} from './session-testing.ts'

/*
 * What a server answers on the routes of keys, sessions and workspaces decides nothing about rows.
 */

const unlock = { secretKey, stayUnlocked: false }
const profiles: Profile[] = []
beforeAll(loadCrypto)
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.dispose()
})

async function settled(options: Parameters<typeof openSettledTab>[0] = {}) {
  const tab = await openSettledTab(options)
  profiles.push(tab.profile)
  return tab
}

describe('an answer about keys', () => {
  it('without workspaces leaves the ledger open and is offered the key again', async () => {
    const { server, profile, session: before } = await settled()
    const honest = server.keys()
    await before.lock()
    server.setKeys({ ...honest, workspaces: [] })
    const { session } = openTab(server, profile)
    await session.start()
    await session.unlock(unlock)
    expect(session.state.kind).toBe('open')
    await settle()
    expect(session.standing.lacks).toEqual({ slots: false, workspace: true })
    expect(await session.sendKeptKeys()).toEqual({ ok: true, value: undefined })
    expect(server.keys()).toEqual(honest)
    expect(session.standing.lacks).toBeNull()
  })

  it('without slots leaves the device its own, which it can give back', async () => {
    const { server, session } = await settled()
    const honest = server.keys()
    server.setKeys({ ...honest, slots: [] })
    await session.lock()
    expect(await session.unlock(unlock)).toMatchObject({ ok: true })
    await settle()
    expect(session.standing.lacks).toEqual({ slots: true, workspace: false })
    expect(await session.sendKeptKeys()).toMatchObject({ ok: true })
    expect(new Set(server.keys().slots)).toEqual(new Set(honest.slots))
  })

  it('with other keys in their place is not overwritten, and told', async () => {
    const { server, session } = await settled()
    const honest = server.keys()
    server.setLiar((request, answer) =>
      request === 'GET /api/keys'
        ? Promise.resolve(Response.json({ ...honest, workspaces: [] }))
        : request.startsWith('PUT ')
          ? Promise.resolve(Response.json({ error: { code: 'data-key-exists' } }, { status: 409 }))
          : answer(),
    )
    await session.askAgain()
    expect(await session.sendKeptKeys()).toEqual({ ok: false, error: { kind: 'not-taken' } })
    expect(session.state.kind).toBe('open')
  })

  it('offers a new device no keys unasked, and none where a ledger is', async () => {
    const { server, profile } = await settled()
    server.setKeys({ slots: [], workspaces: [] })
    const fresh = openTab(server)
    await fresh.session.start()
    await fresh.session.signIn(account)
    expect(fresh.session.state).toMatchObject({ kind: 'needs-keys', justSignedUp: false })
    // What a version before ADR 40 made of an empty answer: the ledger is here, its keys are not.
    profile.entries.delete([...profile.entries.keys()].find((key) => key.startsWith('kept-keys:'))!)
    const { session } = openTab(server, profile)
    await session.start()
    expect(session.state).toMatchObject({ kind: 'needs-answer', reason: { kind: 'keys-missing' } })
  })

  it('without the workspace never shows the form to a device that lost its key', async () => {
    const { server, profile, session: before } = await settled()
    const db = [...profile.databases.values()][0]!
    const rows = await db.getAll('SELECT * FROM categories')
    const honest = server.keys()
    await before.lock()
    forgetDataKeys(profile)
    server.setKeys({ ...honest, workspaces: [] })
    const { session } = openTab(server, profile)
    await session.start()
    await session.unlock(unlock)
    expect(session.state.kind).toBe('workspace-missing')
    expect(await session.createWorkspace(home)).toEqual({ ok: false, error: { kind: 'has-past' } })
    expect(await session.askAgain()).toMatchObject({ ok: true })
    expect(session.state.kind).toBe('workspace-missing')
    expect(await db.getAll('SELECT * FROM categories')).toEqual(rows)
    server.setKeys(honest)
    await session.askAgain()
    expect(session.state.kind).toBe('open')
  })

  it('brings a secret key that was changed elsewhere, and the old one only until then', async () => {
    const { server, session, profile } = await settled()
    const copy = new Profile()
    profiles.push(copy)
    for (const [key, value] of profile.entries) copy.entries.set(key, value)
    const before = server.keys()
    expect(await session.changeSecretKey('new words')).toEqual({ ok: true, value: undefined })
    const other = openTab(server, copy)
    await other.session.start()
    const withNew = { secretKey: 'new words', stayUnlocked: false }
    expect(await other.session.unlock(withNew)).toMatchObject({ ok: true })
    await settle()
    // A server that hands out the old slot again.
    server.setKeys(before)
    await other.session.lock()
    expect(await other.session.unlock(unlock)).toMatchObject({
      error: { kind: 'wrong-secret-key' },
    })
    expect(await other.session.unlock(withNew)).toMatchObject({ ok: true })
  })

  it('says which keys a secret key opens when there are two', async () => {
    const { server, profile, session: before } = await settled()
    const { id } = before.state.kind === 'open' ? before.state.user : { id: '' }
    server.setKeys({ slots: [], workspaces: [] })
    const fresh = openTab(server)
    profiles.push(fresh.profile)
    await fresh.session.start()
    await fresh.session.signIn(account)
    const pending = await fresh.session.prepareKeys('quite other words')
    if (!pending.ok) throw new Error(pending.error.kind)
    await pending.value.commit({ stayUnlocked: false })
    await before.lock()
    const { session } = openTab(server, profile)
    await session.start()
    const answer = await session.unlock({ secretKey: 'quite other words', stayUnlocked: false })
    expect(answer).toEqual({ ok: false, error: { kind: 'other-keys' } })
    expect(await session.unlock(unlock)).toMatchObject({ ok: true })
    expect(session.state).toMatchObject({ kind: 'open', user: { id } })
  })
})

describe('a workspace that is being created', () => {
  it('leaves nothing behind when the server says no, and is the same one when tried again', async () => {
    const server = fakeServer()
    const { session, profile, route } = openTab(server)
    profiles.push(profile)
    await session.start()
    await session.signUp(account)
    await setUpKeys(session)
    const asked: string[] = []
    server.setLiar((request) => {
      if (request !== 'POST /api/workspaces') return undefined
      asked.push(request)
      const code = asked.length === 1 ? 'too-many-workspaces' : 'internal'
      return Promise.resolve(Response.json({ error: { code } }, { status: 409 }))
    })
    expect(await session.createWorkspace(home)).toEqual({
      ok: false,
      error: { kind: 'too-many-workspaces' },
    })
    const attempt = profile.entry('attempt')
    expect(await session.createWorkspace(home)).toMatchObject({ error: { kind: 'server' } })
    expect(profile.entry('attempt')).toEqual(attempt)
    const [db] = [...profile.databases.values()]
    expect(await db?.getAll('SELECT id FROM categories')).toEqual([])
    expect(await db?.getAll('SELECT * FROM router_out')).toEqual([])
    server.setLiar(null)
    expect(await session.createWorkspace(home)).toMatchObject({ ok: true })
    await route()
    expect(await deletesIn(profile)).toBe(0)
    expect(await db?.getAll('SELECT id FROM categories')).toHaveLength(2)
  })
})

describe('any answer at all', () => {
  let server: FakeServer
  let profile: Profile
  let honest: KeyBundle
  let entries: ReadonlyMap<string, unknown>
  let rows: readonly unknown[]

  beforeAll(async () => {
    const tab = await openSettledTab({ stayUnlocked: true })
    ;({ server, profile } = tab)
    honest = server.keys()
    await settle()
    entries = new Map(profile.entries)
    rows = await rowsOf(profile)
    expect(rows.length).toBeGreaterThan(2)
  })
  afterAll(() => profile.dispose())

  it('removes no row and puts no delete into the upload queue', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
    await fc.assert(
      fc.asyncProperty(
        fc.array(lies, { minLength: 1, maxLength: 6 }),
        fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (told, done, forgetful) => {
          profile.entries.clear()
          for (const [key, value] of entries) profile.entries.set(key, value)
          // A device of an older version, whose good copies an answer had erased already.
          if (forgetful) forgetDataKeys(profile)
          server.setKeys(honest)
          server.setLiar(null)
          const tab = openTab(server, profile)
          await signInAs(server)
          let at = 0
          server.setLiar((request, answer) => {
            const lie = told[at++ % told.length]
            return lie === undefined ? undefined : lie(request, answer, honest)
          })
          await tab.session.start()
          for (const act of done) {
            await act(tab.session)
            await settle()
            expect(tab.session.state.kind).not.toBe('needs-keys')
            expect(tab.session.state.kind).not.toBe('needs-workspace')
          }
          await tab.route()
          expect(await deletesIn(profile)).toBe(0)
          expect(await rowsOf(profile)).toEqual(rows)
        },
      ),
      { seed, numRuns: Number(process.env['RUNS'] ?? 60) },
    )
  }, 300_000)
})

type Lie = (
  request: string,
  honest: () => Promise<Response>,
  keys: KeyBundle,
) => Promise<Response> | undefined

const onKeys =
  (answer: (keys: KeyBundle) => unknown): Lie =>
  (request, _honest, keys) =>
    request === 'GET /api/keys' ? Promise.resolve(Response.json(answer(keys))) : undefined

const flipped = (text: string, at: number) => {
  const place = at % text.length
  return text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1)
}

const spoil = (keys: KeyBundle, at: number): KeyBundle => ({
  slots: keys.slots.map((slot) => ({ ...slot, wrapped: flipped(slot.wrapped, at) })),
  workspaces: keys.workspaces.map(({ workspaceId, dataKeys }) => ({
    workspaceId,
    dataKeys: dataKeys.map((key) => ({ ...key, wrapped: flipped(key.wrapped, at) })),
  })),
})

const bogusVersion = (keys: KeyBundle): KeyBundle => ({
  ...keys,
  workspaces: keys.workspaces.map((workspace) => ({
    ...workspace,
    dataKeys: [...workspace.dataKeys, { keyVersion: 7, wrapped: 'A'.repeat(99) }],
  })),
})

const strange = { workspaceId: crypto.randomUUID(), dataKeys: [{ keyVersion: 1, wrapped: 'AQ' }] }

/** Of `GET /api/keys`, then of every route. */
const lies: fc.Arbitrary<Lie> = fc.oneof(
  fc.constant<Lie>((_request, honest) => honest()),
  fc.constantFrom<Lie>(
    onKeys(() => ({ slots: [], workspaces: [] })),
    onKeys((keys) => ({ ...keys, workspaces: [] })),
    onKeys((keys) => ({ ...keys, slots: [] })),
    onKeys(({ slots, workspaces }) => ({
      slots,
      workspaces: workspaces.map((each) => ({ ...each, dataKeys: [] })),
    })),
    onKeys((keys) => ({ ...keys, workspaces: [strange] })),
    onKeys((keys) => ({ ...keys, workspaces: [strange, ...keys.workspaces] })),
    onKeys(bogusVersion),
    onKeys(({ slots, ...keys }) => ({ ...keys, slots: slots.slice(1) })),
  ),
  fc.nat(200).map((at) => onKeys((keys) => spoil(keys, at))),
  fc.json().map((json) => onKeys(() => JSON.parse(json) as unknown)),
  fc.constantFrom(200, 201, 204, 400, 401, 403, 404, 409, 429, 500, 503).chain((status) =>
    fc
      .constantFrom<unknown>(null, {}, [], 'text', { user: { id: 'x', email: 'y' } })
      .map((body): Lie => {
        const text = status === 204 ? null : JSON.stringify(body)
        return () => Promise.resolve(new Response(text, { status }))
      }),
  ),
  fc.constant<Lie>(() => Promise.reject(new TypeError('network'))),
)

const acts: readonly ((session: Session) => Promise<unknown>)[] = [
  (session) => whenSignedIn(session, () => session.unlock(unlock)),
  (session) => whenSignedIn(session, () => session.unlock({ ...unlock, secretKey: 'wrong words' })),
  (session) => whenSignedIn(session, () => session.askAgain()),
  (session) => whenSignedIn(session, () => session.sendKeptKeys()),
  (session) => whenSignedIn(session, () => session.signInAgain(account.password)),
  (session) => session.listSessions(),
  (session) => session.revokeSession('here'),
  (session) => whenUnlocked(session, () => session.changeSecretKey(secretKey)),
  // What no screen offers here; the session itself refuses.
  (session) => whenUnlocked(session, () => session.createWorkspace(home)),
  (session) => Promise.resolve(session.expire()),
  (session) => whenSignedIn(session, () => session.lock()),
]

function whenSignedIn(session: Session, act: () => Promise<unknown>): Promise<unknown> {
  return session.state.kind === 'signed-out' ? Promise.resolve() : act()
}

function whenUnlocked(session: Session, act: () => Promise<unknown>): Promise<unknown> {
  const { kind } = session.state
  return kind === 'open' || kind === 'workspace-missing' ? act() : Promise.resolve()
}

async function signInAs(server: FakeServer): Promise<void> {
  await server.fetch('/api/auth/sign-in/email', { method: 'POST', body: '{}' })
}

function forgetDataKeys(profile: Profile): void {
  for (const [key, value] of profile.entries) {
    if (key.startsWith('kept-keys:'))
      profile.entries.set(key, { ...(value as object), dataKeys: [] })
  }
}

async function deletesIn(profile: Profile): Promise<number> {
  const counts = await Promise.all(
    [...profile.databases.values()].map((db) =>
      db.get<{ n: number }>(`SELECT count(*) AS n FROM ps_crud WHERE data ->> '$.op' = 'DELETE'`),
    ),
  )
  return counts.reduce((sum, { n }) => sum + n, 0)
}

async function rowsOf(profile: Profile): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for (const db of profile.databases.values()) {
    for (const table of ['workspace_settings', 'categories', 'categories_encrypt', 'transactions'])
      found.push(...(await db.getAll(`SELECT * FROM ${table} ORDER BY id`)))
  }
  return found
}
