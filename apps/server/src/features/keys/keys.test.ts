import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeWrappedKey } from '../../../test/rows.ts'
import { signUp, startTestApp, type TestApp } from '../../../test/test-app.ts'
import type { KeySlot } from './schemas.ts'

function secretKeySlot(version = 1): KeySlot {
  const kdf = {
    algorithm: 'argon2id13',
    memoryKiB: 65_536,
    passes: 3,
    salt: 'A'.repeat(22),
  } as const
  return { id: randomUUID(), kind: 'secret-key', kdf, wrapped: fakeWrappedKey(), version }
}

function recoveryKeySlot(version = 1): KeySlot {
  return { id: randomUUID(), kind: 'recovery-key', kdf: null, wrapped: fakeWrappedKey(), version }
}

describe('keys', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await startTestApp()
  })
  afterAll(() => test.close())

  it('start empty, are stored once and come back as they were sent', async () => {
    const person = await signUp(test.app)
    expect((await person.get('/api/keys')).json()).toEqual({ slots: [], workspaces: [] })
    const slots = [secretKeySlot(), recoveryKeySlot()]
    expect((await person.send('POST', '/api/keys', { slots })).statusCode).toBe(201)
    const again = await person.send('POST', '/api/keys', {
      slots: [secretKeySlot(), recoveryKeySlot()],
    })
    expect(again.statusCode).toBe(409)
    expect(again.json()).toMatchObject({ error: { code: 'keys-exist' } })
    const stored = (await person.get('/api/keys')).json<{ slots: KeySlot[] }>().slots
    expect(new Set(stored)).toEqual(new Set(slots))
  })

  it('are made by one of two devices that try at once', async () => {
    const person = await signUp(test.app)
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        person.send('POST', '/api/keys', { slots: [secretKeySlot(), recoveryKeySlot()] }),
      ),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409, 409])
    expect((await person.get('/api/keys')).json<{ slots: unknown[] }>().slots).toHaveLength(2)
  })

  it('are replaced by compare-and-set, and a lost answer can be asked for again', async () => {
    const person = await signUp(test.app)
    const slot = secretKeySlot()
    await person.send('POST', '/api/keys', { slots: [slot, recoveryKeySlot()] })
    const url = `/api/keys/slots/${slot.id}`
    const [mine, theirs] = [1, 2].map(() => ({ ...slot, wrapped: fakeWrappedKey(), version: 2 }))
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await person.send('PUT', url, { baseVersion: 1, slot: mine })
      expect(answer.statusCode).toBe(200)
    }
    const late = await person.send('PUT', url, { baseVersion: 1, slot: theirs })
    expect(late.statusCode).toBe(409)
    expect(late.json()).toMatchObject({ error: { code: 'version-conflict' } })
    const stored = (await person.get('/api/keys')).json<{ slots: KeySlot[] }>().slots
    expect(stored).toContainEqual(mine)
  })

  it('that were lost are put back by a device that has them, never over others', async () => {
    const person = await signUp(test.app)
    const [secret, recovery] = [secretKeySlot(4), recoveryKeySlot()]
    const put = (slot: KeySlot) =>
      person.send('PUT', `/api/keys/slots/${slot.id}`, { baseVersion: 0, slot })
    for (const slot of [secret, recovery, secret]) expect((await put(slot)).statusCode).toBe(200)
    const others = [
      secretKeySlot(),
      { ...secret, wrapped: fakeWrappedKey() },
      { ...recoveryKeySlot(), id: secret.id },
    ]
    for (const other of others) {
      const answer = await put(other)
      expect(answer.statusCode).toBe(409)
      expect(answer.json()).toMatchObject({ error: { code: 'version-conflict' } })
    }
    const stored = (await person.get('/api/keys')).json<{ slots: KeySlot[] }>().slots
    expect(new Set(stored)).toEqual(new Set([secret, recovery]))
  })

  it('are not given to a device that asks for another person’s ledger', async () => {
    const [owner, other] = [await signUp(test.app), await signUp(test.app)]
    const ask = (named: string) =>
      test.app.inject({
        method: 'GET',
        url: '/api/keys',
        headers: { cookie: owner.cookie, 'x-sealbook-user': named },
      })
    expect((await ask(owner.userId)).statusCode).toBe(200)
    const answer = await ask(other.userId)
    expect(answer.statusCode).toBe(401)
    expect(answer.json()).toMatchObject({ error: { code: 'unauthorized' } })
  })

  it('of one person are out of reach for another', async () => {
    const [owner, other] = [await signUp(test.app), await signUp(test.app)]
    const slot = secretKeySlot()
    await owner.send('POST', '/api/keys', { slots: [slot, recoveryKeySlot()] })
    const replacement = { baseVersion: 1, slot: { ...slot, version: 2 } }
    const answer = await other.send('PUT', `/api/keys/slots/${slot.id}`, replacement)
    expect(answer.statusCode).toBe(404)
    expect((await other.get('/api/keys')).json()).toEqual({ slots: [], workspaces: [] })
  })

  const weak: [string, object][] = [
    ['memory under the floor', { memoryKiB: 32_768 }],
    ['memory over the ceiling', { memoryKiB: 2_097_152 }],
    ['too few passes', { passes: 1 }],
    ['another algorithm', { algorithm: 'pbkdf2' }],
    ['a short salt', { salt: 'AAAA' }],
  ]
  it.each(weak)('refuse %s', async (_name, change) => {
    const person = await signUp(test.app)
    const slot = secretKeySlot()
    const slots = [{ ...slot, kdf: { ...slot.kdf, ...change } }, recoveryKeySlot()]
    expect((await person.send('POST', '/api/keys', { slots })).statusCode).toBe(400)
  })

  it('refuse a phrase where a wrapped key belongs', async () => {
    const person = await signUp(test.app)
    const slots = [
      { ...secretKeySlot(), wrapped: 'correct horse battery staple' },
      recoveryKeySlot(),
    ]
    expect((await person.send('POST', '/api/keys', { slots })).statusCode).toBe(400)
  })
})

describe('workspaces', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await startTestApp()
  })
  afterAll(() => test.close())

  it('come with an owner and a wrapped data key, once', async () => {
    const person = await signUp(test.app)
    const body = { id: randomUUID(), dataKey: { keyVersion: 1, wrapped: fakeWrappedKey() } }
    const answers = [
      await person.send('POST', '/api/workspaces', body),
      await person.send('POST', '/api/workspaces', body),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 200])
    expect((await person.get('/api/keys')).json()).toEqual({
      slots: [],
      workspaces: [{ workspaceId: body.id, role: 'owner', dataKeys: [body.dataKey] }],
    })
  })

  it('take back a lost key and a lost membership from who created them, and no other', async () => {
    const [owner, other] = [await signUp(test.app), await signUp(test.app)]
    const id = randomUUID()
    const dataKey = { keyVersion: 1, wrapped: fakeWrappedKey() }
    await owner.send('POST', '/api/workspaces', { id, dataKey })
    const put = (who: typeof owner, wrapped = dataKey.wrapped, keyVersion = 1) =>
      who.send('PUT', `/api/workspaces/${id}/data-keys/${keyVersion}`, { wrapped })
    const { pool } = test.database
    await pool.query('DELETE FROM workspace_data_keys WHERE workspace_id = $1', [id])
    expect((await put(owner)).statusCode).toBe(200)
    // What a partial restore leaves: the cascade takes the key with the membership.
    await pool.query('DELETE FROM workspace_memberships WHERE workspace_id = $1', [id])
    expect((await owner.get('/api/keys')).json()).toMatchObject({ workspaces: [] })
    expect((await put(other)).statusCode).toBe(404)
    for (let attempt = 0; attempt < 2; attempt++) expect((await put(owner)).statusCode).toBe(200)
    expect((await owner.get('/api/keys')).json()).toMatchObject({
      workspaces: [{ workspaceId: id, role: 'owner', dataKeys: [dataKey] }],
    })
    const late = await put(owner, fakeWrappedKey())
    expect(late.statusCode).toBe(409)
    expect(late.json()).toMatchObject({ error: { code: 'data-key-exists' } })
    expect((await put(owner, fakeWrappedKey(), 101)).statusCode).toBe(400)
    expect((await put(other)).statusCode).toBe(404)
  })

  it('never take a second key, nor a second owner', async () => {
    const [owner, other] = [await signUp(test.app), await signUp(test.app)]
    const body = { id: randomUUID(), dataKey: { keyVersion: 1, wrapped: fakeWrappedKey() } }
    await owner.send('POST', '/api/workspaces', body)
    const otherKey = { ...body, dataKey: { keyVersion: 1, wrapped: fakeWrappedKey() } }
    for (const answer of [
      await owner.send('POST', '/api/workspaces', otherKey),
      await other.send('POST', '/api/workspaces', body),
    ]) {
      expect(answer.statusCode).toBe(409)
      expect(answer.json()).toMatchObject({ error: { code: 'workspace-exists' } })
    }
    expect((await other.get('/api/keys')).json()).toEqual({ slots: [], workspaces: [] })
  })
})
