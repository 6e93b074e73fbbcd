import { loadCrypto } from '@sealbook/crypto'
import { schemaVersion } from '@sealbook/schema'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Session } from './session-store.ts'
import {
  account,
  fakeServer,
  home,
  openSettledTab,
  openTab as openAnyTab,
  Profile,
  secretKey,
  settle,
  setUpKeys,
  type FakeServer,
} from './session-testing.ts'
import type { User } from './session-types.ts'
import { unknownSyncState } from './sync-state.ts'

const profiles: Profile[] = []
beforeAll(loadCrypto)
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.dispose()
})

function openTab(server: FakeServer, profile = new Profile()) {
  profiles.push(profile)
  return openAnyTab(server, profile)
}

async function settled(options: Parameters<typeof openSettledTab>[0] = {}) {
  const tab = await openSettledTab(options)
  profiles.push(tab.profile)
  return tab
}

const unlock = { secretKey, stayUnlocked: false }

describe('session', () => {
  it('goes from sign-up to an open ledger', async () => {
    const { session } = openTab(fakeServer())
    await session.start()
    expect(session.state.kind).toBe('signed-out')
    await session.signUp(account)
    expect(session.state).toMatchObject({ kind: 'needs-keys', justSignedUp: true })
    await setUpKeys(session)
    expect(session.state).toMatchObject({ kind: 'needs-workspace', justSetUp: true })
    expect(await session.createWorkspace(home)).toEqual({ ok: true, value: undefined })
    expect(session.state.kind).toBe('open')
    expect(session.standing).toEqual({ isSignedOut: false, lacks: null })
  })

  it('says why the ledger does not open, and drops the copy only when asked to', async () => {
    const { server, profile, opened } = await settled()
    const damaged = { kind: 'database-unreadable', cause: 'damaged', name: 'Error' } as const
    profile.failure = damaged
    const { session, removed } = openTab(server, profile)
    await session.start()
    await expect(session.removeUnopened()).rejects.toThrow()
    expect(await session.unlock(unlock)).toEqual({ ok: false, error: damaged })
    expect(session.state).toMatchObject({ kind: 'unopened', failure: damaged, unsent: 0 })
    expect(removed).toEqual([])
    await session.removeUnopened()
    expect(removed).toEqual(opened.slice(-1))
    expect(session.state.kind).toBe('locked')
    profile.failure = null
    expect((await session.unlock(unlock)).ok).toBe(true)
    expect(session.state.kind).toBe('open')
  })

  it('stores nothing before the keys are committed', async () => {
    const { session, server } = openTab(fakeServer())
    await session.start()
    await session.signUp(account)
    const pending = await session.prepareKeys(secretKey)
    expect(pending.ok && pending.value.recoveryWords).toHaveLength(24)
    expect(server.keys().slots).toEqual([])
  })

  it('opens on a second device with the secret key and with the recovery key', async () => {
    const { server, words } = await settled()
    for (const open of [
      (session: Session) => session.unlock({ secretKey: ' six   words', stayUnlocked: false }),
      (session: Session) => session.unlockWithRecoveryKey({ words, stayUnlocked: false }),
    ]) {
      const { session } = openTab(server)
      await session.start()
      await session.signIn(account)
      expect(session.state.kind).toBe('locked')
      expect(await open(session)).toEqual({ ok: true, value: undefined })
      expect(session.state.kind).toBe('open')
    }
  })

  it('answers a wrong secret key, opens nothing and makes no key', async () => {
    const { server } = await settled()
    const before = JSON.stringify(server.keys())
    const second = openTab(server)
    await second.session.start()
    await second.session.signIn(account)
    const answer = await second.session.unlock({ secretKey: 'other words', stayUnlocked: true })
    expect(answer).toEqual({ ok: false, error: { kind: 'wrong-secret-key' } })
    expect(second.session.state.kind).toBe('locked')
    expect(second.opened).toEqual([])
    expect(second.profile.has('database')).toBe(false)
    expect(second.profile.has('device-slot')).toBe(false)
    expect(JSON.stringify(server.keys())).toBe(before)
  })

  it('tells a wrong recovery key from a mistyped one', async () => {
    const { server, words } = await settled()
    const { session } = openTab(server)
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
    const { server, profile } = await settled()
    server.setOnline(false)
    const { session } = openTab(server, profile)
    await session.start()
    expect(session.state.kind).toBe('locked')
    expect(await session.unlock(unlock)).toMatchObject({ ok: true })
    expect(session.state.kind).toBe('open')
  })

  it('stays unlocked over a restart only where asked, and until it is locked', async () => {
    const { server, profile } = await settled({ stayUnlocked: true })
    const again = openTab(server, profile)
    await again.session.start()
    expect(again.session.state.kind).toBe('open')
    await again.session.lock()
    expect(again.session.state.kind).toBe('locked')
    const third = openTab(server, profile)
    await third.session.start()
    expect(third.session.state.kind).toBe('locked')
  })

  it.each(['its own', 'of another tab'] as const)(
    'ends the document at a lock, %s, and shows nothing until it is gone',
    async (lock) => {
      const { session, profile, hear, ends } = await settled({ stayUnlocked: true })
      profile.comesBack = true
      if (lock === 'its own') await session.lock()
      else await hear({ kind: 'locked', userId: (profile.entries.get('user') as User).id })
      expect(ends()).toBe(1)
      expect(session.state.kind).toBe('starting')
      expect(session.inspection()).toBeNull()
      expect(profile.has('device-slot')).toBe(false)
    },
  )

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
    const server = fakeServer()
    const first = openTab(server)
    await first.session.start()
    await first.session.signUp(account)
    const second = openTab(server)
    await second.session.start()
    await second.session.signIn(account)
    await setUpKeys(first.session)
    const slots = JSON.stringify(server.keys().slots)
    const late = await second.session.prepareKeys('late words')
    if (!late.ok) throw new Error(late.error.kind)
    expect(await late.value.commit({ stayUnlocked: false })).toMatchObject({
      error: { kind: 'keys-exist' },
    })
    expect(second.session.state.kind).toBe('locked')
    expect(JSON.stringify(server.keys().slots)).toBe(slots)
  })

  it('takes its own keys for its own when the answer to them was lost', async () => {
    const { session, server } = openTab(fakeServer())
    await session.start()
    await session.signUp(account)
    const pending = await session.prepareKeys(secretKey)
    if (!pending.ok) throw new Error(pending.error.kind)
    server.setLiar((request, honest) =>
      request === 'POST /api/keys'
        ? honest().then(() => Promise.reject(new TypeError('network')))
        : undefined,
    )
    expect(await pending.value.commit({ stayUnlocked: false })).toMatchObject({ ok: false })
    server.setLiar(null)
    expect(await pending.value.commit({ stayUnlocked: false })).toMatchObject({ ok: true })
    expect(session.state.kind).toBe('needs-workspace')
  })

  it('warns of unsent changes, locked too, and removes everything once told to', async () => {
    const { session, setSync, profile, removed } = await settled()
    setSync({ ...unknownSyncState, waiting: 2 })
    await session.lock()
    const warned = await session.signOut({ discardUnsent: false })
    expect(warned).toEqual({ ok: false, error: { kind: 'unsent-changes', count: 2 } })
    expect(session.state.kind).toBe('locked')
    expect(await session.signOut({ discardUnsent: true })).toMatchObject({ ok: true })
    expect(session.state.kind).toBe('signed-out')
    expect([...profile.entries.keys()]).toEqual(['sign-out-pending'])
    expect(removed).toHaveLength(1)
  })

  it('tells the server later of a sign-out without a connection', async () => {
    const { server, session, profile } = await settled()
    server.setOnline(false)
    await session.signOut({ discardUnsent: true })
    expect(server.signedIn()).toBe(true)
    server.setOnline(true)
    await openTab(server, profile).session.start()
    await settle()
    expect(server.signedIn()).toBe(false)
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

describe('a session that the server ended', () => {
  it('leaves the ledger open, says so, and goes on after signing in again', async () => {
    const tab = await settled()
    const { session, server, told } = tab
    const { state } = session
    server.endSession()
    tab.connection()?.onSignedOut()
    expect(session.state).toBe(state)
    expect(session.standing.isSignedOut).toBe(true)
    expect(session.sync.state.kind).toBe('signed-out')
    expect(told.at(-1)?.kind).toBe('session-ended')
    expect(await session.signInAgain(account.password)).toEqual({ ok: true, value: undefined })
    expect(session.state).toBe(state)
    expect(session.standing.isSignedOut).toBe(false)
    expect(session.sync.state.kind).not.toBe('signed-out')
    expect(tab.reconnects()).toBe(1)
  })

  it('is told to the other tabs, and so is its end', async () => {
    const { session, hear, reconnects } = await settled()
    const { user } = session.state as { user: User }
    await hear({ kind: 'session-ended', userId: user.id })
    expect(session.state.kind).toBe('open')
    expect(session.standing.isSignedOut).toBe(true)
    await hear({ kind: 'signed-in', userId: user.id })
    expect(session.standing.isSignedOut).toBe(false)
    expect(reconnects()).toBe(1)
  })

  it.each(['with the secret key', 'by the device slot'])(
    'does not keep a restarted device from opening %s',
    async (how) => {
      const isSlot = how === 'by the device slot'
      const { server, profile, session: before } = await settled({ stayUnlocked: isSlot })
      server.endSession()
      before.expire()
      const { session } = openTab(server, profile)
      await session.start()
      if (!isSlot) {
        expect(session.state.kind).toBe('locked')
        expect(await session.unlock(unlock)).toMatchObject({ ok: true })
      }
      expect(session.state.kind).toBe('open')
      await settle()
      expect(session.standing.isSignedOut).toBe(true)
    },
  )

  it('does not mix in another account behind the same address', async () => {
    const { session, server } = await settled()
    const { state } = session
    server.replaceAccount()
    session.expire()
    expect(await session.signInAgain(account.password)).toEqual({
      ok: false,
      error: { kind: 'other-account' },
    })
    expect(server.signedIn()).toBe(false)
    expect(session.state).toBe(state)
    expect(session.standing.isSignedOut).toBe(true)
  })

  it('is noticed by any route, also while another account is signed in', async () => {
    const { session, server } = await settled()
    server.replaceAccount()
    await signInElsewhere(server)
    expect(await session.listSessions()).toMatchObject({ error: { kind: 'signed-out' } })
    expect(session.standing.isSignedOut).toBe(true)
    expect(session.state.kind).toBe('open')
  })

  it('before any key is kept ends in a question, not in a splash', async () => {
    const { server } = await settled()
    for (const spoiled of [
      () => Response.json({ error: { code: 'unauthorized', message: '' } }, { status: 401 }),
      () => Response.json({ slots: 'none', workspaces: null }),
      () => new Response('<html>', { status: 200 }),
      () => Response.json(null, { status: 500 }),
    ]) {
      server.setLiar((request) =>
        request === 'GET /api/keys' ? Promise.resolve(spoiled()) : undefined,
      )
      const { session } = openTab(server)
      await session.start()
      await session.signIn(account)
      expect(session.state.kind).toBe('needs-answer')
      expect(await session.askAgain()).toMatchObject({ ok: false })
      server.setLiar(null)
      expect(await session.signInAgain(account.password)).toMatchObject({ ok: true })
      expect(session.state.kind).toBe('locked')
    }
  })

  it('says offline, not wrong, when a new device cannot ask for its slots', async () => {
    const { server } = await settled()
    const { session } = openTab(server)
    await session.start()
    server.setLiar((request) =>
      request === 'GET /api/keys' ? Promise.reject(new TypeError('network')) : undefined,
    )
    await session.signIn(account)
    expect(session.state).toMatchObject({ kind: 'needs-answer', reason: { kind: 'offline' } })
    server.setLiar(null)
    expect(await session.askAgain()).toEqual({ ok: true, value: undefined })
    expect(await session.unlock(unlock)).toMatchObject({ ok: true })
  })
})

describe('what other people left in the browser', () => {
  it('is listed with what is known of it, and removed when told to', async () => {
    const { server, session, profile, setSync, removed } = await settled()
    const { user } = session.state as { user: User }
    setSync({ ...unknownSyncState, waiting: 3 })
    // A version before ADR 40 kept the ledger when the session ended, and let another sign in.
    profile.entries.delete('user')
    server.replaceAccount()
    const second = openTab(server, profile)
    await second.session.start()
    await second.session.signUp({ ...account, email: 'bob@example.org' })
    const left = await second.session.listLeftLedgers()
    expect(left).toMatchObject([{ userId: user.id, email: account.email, unsent: 3 }])
    expect(left[0]?.database).not.toBeNull()
    await second.session.removeLeftLedger(left[0]!)
    expect(await second.session.listLeftLedgers()).toEqual([])
    expect(second.removed).toHaveLength(1)
    expect(removed).toHaveLength(0)
    expect(second.session.state.kind).toBe('needs-keys')
  })
})

/** Another tab signs in without this one hearing of it. */
function signInElsewhere(server: FakeServer): Promise<Response> {
  return server.fetch('/api/auth/sign-in/email', { method: 'POST', body: '{}' })
}
