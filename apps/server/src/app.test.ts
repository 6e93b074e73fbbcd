import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountRow, fakeWrappedKey, put, signUpWithWorkspace } from '../test/rows.ts'
import { listRoutes } from '../test/routes.ts'
import {
  publicUrl,
  sendAs,
  signUp,
  startTestApp,
  type Person,
  type TestApp,
} from '../test/test-app.ts'
import { resolveConfig } from './plugins/config.ts'

/** Expected statuses, and what is sent. The outsider is signed in, but no member. */
interface Row {
  readonly anonymous: number
  readonly owner: number
  readonly viewer: number
  readonly outsider: number
  readonly url?: string | ((workspaceId: string) => string)
  readonly body?: (workspaceId: string) => unknown
  /** Of an upload: the code of its one refusal, by who sent it. */
  readonly refused?: Partial<Record<'owner' | 'viewer' | 'outsider', string>>
}

const everyone = (status: number) => ({
  anonymous: status,
  owner: status,
  viewer: status,
  outsider: status,
})
const signedIn = (status: number) => ({ ...everyone(status), anonymous: 401 })
const emptyBody = () => ({})

/** Every route of the server. A new one fails the test until it has a row. */
const table: Record<string, Row> = {
  'GET /.well-known/jwks.json': everyone(200),
  'GET /api/health': everyone(200),
  'GET /api/docs': everyone(200),
  'GET /api/docs/json': everyone(200),
  'GET /api/docs/yaml': everyone(200),
  'GET /api/docs/': everyone(200),
  'GET /api/docs/static/index.html': everyone(302),
  'GET /api/docs/static/swagger-initializer.js': everyone(200),
  'GET /api/docs/*': { ...everyone(200), url: '/api/docs/static/swagger-ui.css' },
  'HEAD /api/docs/*': { ...everyone(200), url: '/api/docs/static/swagger-ui.css' },
  'POST /api/auth/sign-up/email': { ...everyone(400), body: emptyBody },
  'POST /api/auth/sign-in/email': { ...everyone(400), body: emptyBody },
  'GET /api/auth/get-session': everyone(200),
  'POST /api/auth/change-password': { ...signedIn(400), body: emptyBody },
  'GET /api/auth/list-sessions': signedIn(200),
  'POST /api/auth/revoke-session': { ...signedIn(400), body: emptyBody },
  'POST /api/auth/revoke-other-sessions': signedIn(200),
  'GET /api/me': signedIn(200),
  'GET /api/keys': signedIn(200),
  'POST /api/keys': { ...signedIn(400), body: emptyBody },
  'PUT /api/keys/slots/:slotId': {
    ...signedIn(404),
    url: `/api/keys/slots/00000000-0000-4000-8000-000000000000`,
    body: () => ({
      baseVersion: 1,
      slot: {
        id: '00000000-0000-4000-8000-000000000000',
        kind: 'recovery-key',
        kdf: null,
        wrapped: fakeWrappedKey(),
        version: 2,
      },
    }),
  },
  'POST /api/workspaces': {
    anonymous: 401,
    owner: 409,
    viewer: 409,
    outsider: 409,
    body: (id) => ({ id, dataKey: { keyVersion: 1, wrapped: fakeWrappedKey() } }),
  },
  'PUT /api/workspaces/:workspaceId/data-keys/:keyVersion': {
    // The viewer has no key yet; the owner has another.
    anonymous: 401,
    owner: 409,
    viewer: 200,
    outsider: 404,
    url: (id) => `/api/workspaces/${id}/data-keys/1`,
    body: () => ({ wrapped: fakeWrappedKey() }),
  },
  'GET /api/sync/token': signedIn(200),
  'POST /api/sync/upload': {
    ...signedIn(200),
    body: (id) => ({ batch: [put('accounts_encrypt', accountRow(id))] }),
    refused: { viewer: 'forbidden', outsider: 'forbidden' },
  },
  'GET /api/workspaces/:workspaceId/tables/:table/digests': {
    ...signedIn(200),
    outsider: 404,
    url: (id) => `/api/workspaces/${id}/tables/accounts/digests?columns=id&from=00&to=ff`,
  },
  'GET /api/workspaces/:workspaceId/tables/:table/rows': {
    ...signedIn(200),
    outsider: 404,
    url: (id) => `/api/workspaces/${id}/tables/accounts/rows?slice=00`,
  },
  // These end the session: last.
  'POST /api/auth/revoke-sessions': signedIn(200),
  'POST /api/auth/sign-out': { ...everyone(200) },
}

describe('authorisation', () => {
  let test: TestApp
  let workspaceId: string
  const people: Record<string, Person> = {}
  let routes: string[]
  beforeAll(async () => {
    test = await startTestApp()
    routes = listRoutes(test.app)
    const owned = await signUpWithWorkspace(test.app)
    workspaceId = owned.workspaceId
    const viewer = await signUp(test.app)
    await test.database.pool.query(
      `INSERT INTO workspace_memberships (workspace_id, user_id, role) VALUES ($1, $2, 'viewer')`,
      [workspaceId, viewer.userId],
    )
    const outsider = await signUp(test.app)
    Object.assign(people, { owner: owned.person, viewer, outsider })
  })
  afterAll(() => test.close())

  it('has a row for every route', () => {
    expect(routes.sort()).toEqual(Object.keys(table).sort())
  })

  const cases = Object.entries(table).flatMap(([route, row]) =>
    (['anonymous', 'owner', 'viewer', 'outsider'] as const).map((who) => ({ route, who, row })),
  )
  it.each(cases)('$route answers $who as the table says', async ({ route, who, row }) => {
    const [method, path = ''] = route.split(' ')
    const response = await sendAs(
      test.app,
      people[who]?.cookie ?? '',
      method as 'GET' | 'HEAD' | 'POST' | 'PUT',
      typeof row.url === 'function' ? row.url(workspaceId) : (row.url ?? path),
      row.body?.(workspaceId),
    )
    expect(response.statusCode, response.body).toBe(row[who])
    if (row.refused !== undefined && who !== 'anonymous') {
      const { errors } = response.json<{ errors: { code: string }[] }>()
      expect(errors.map(({ code }) => code)).toEqual(
        row.refused[who] === undefined ? [] : [row.refused[who]],
      )
    }
  })
})

describe('the service', () => {
  it('describes every API route in OpenAPI', async () => {
    const test = await startTestApp()
    const document = (await test.app.inject('/api/docs/json')).json<{
      paths: Record<string, Record<string, { responses: object; requestBody?: object }>>
    }>()
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/sync/upload', '/api/keys/slots/{slotId}', '/api/me']),
    )
    const uploadPost = document.paths['/api/sync/upload']?.['post']
    expect(JSON.stringify(uploadPost)).toContain('plaintext-in-sealed-column')
    expect((await test.app.inject('/api/docs/')).body).toContain('swagger-ui')
    await test.close()
  })

  it('slows down guesses and tells when to come back', async () => {
    const test = await startTestApp({ rateLimits: { auth: { max: 3, windowMs: 60_000 } } })
    const guess = () =>
      sendAs(test.app, '', 'POST', '/api/auth/sign-in/email', {
        email: `${randomUUID()}@example.test`,
        password: 'guess',
      })
    const answers = [await guess(), await guess(), await guess(), await guess()]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 429])
    const last = answers[3]
    expect(last?.json()).toMatchObject({ error: { code: 'too-many-requests' } })
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(50)
    expect((await sendAs(test.app, '', 'GET', '/api/health')).statusCode).toBe(200)
    await test.database.pool.query(`UPDATE rate_limits SET window_ends_at = now()`)
    expect((await guess()).statusCode).toBe(401)
    await test.close()
  })

  it('limits guesses for one account, wherever they come from', async () => {
    const test = await startTestApp({
      trustProxy: true,
      rateLimits: { guesses: { max: 2, windowMs: 3_600_000 } },
    })
    const guess = (email: string, address: string) =>
      test.app.inject({
        method: 'POST',
        url: '/api/auth/sign-in/email',
        headers: { origin: publicUrl, 'x-forwarded-for': address },
        payload: { email, password: 'a wrong guess' },
      })
    const statuses = []
    for (const email of ['ada@example.test', 'Ada@Example.Test', 'ada@example.test']) {
      statuses.push((await guess(email, `203.0.113.${statuses.length}`)).statusCode)
    }
    expect(statuses).toEqual([401, 401, 429])
    expect((await guess('bea@example.test', '203.0.113.9')).statusCode).toBe(401)
    const { rows } = await test.database.pool.query('SELECT key FROM rate_limits')
    expect(JSON.stringify(rows)).not.toMatch(/ada@|bea@/i)
    await test.close()
  })

  it('limits sign-ups, which tell who has an account, by network and in total', async () => {
    const test = await startTestApp({
      trustProxy: true,
      rateLimits: {
        signUps: { max: 2, windowMs: 3_600_000 },
        allSignUps: { max: 3, windowMs: 3_600_000 },
      },
    })
    const ask = async (address: string, email = `${randomUUID()}@example.test`) => {
      const response = await test.app.inject({
        method: 'POST',
        url: '/api/auth/sign-up/email',
        headers: { origin: publicUrl, 'x-forwarded-for': address },
        payload: { email, password: 'a long enough password', name: 'Sealbook user' },
      })
      return response.statusCode
    }
    expect(await ask('2001:db8:1:1::1', 'not an address')).toBe(400)
    expect(await ask('2001:db8:1:1::1')).toBe(200)
    expect(await ask('2001:db8:1:1::2')).toBe(200)
    expect(await ask('2001:db8:1:1:ffff::3')).toBe(429)
    expect(await ask('2001:db8:1:2::1')).toBe(200)
    expect(await ask('2001:db8:1:3::1')).toBe(429)
    await test.close()
  })

  it('limits an account, its uploads and its keys, each by itself', async () => {
    const three = { max: 3, windowMs: 60_000 }
    const test = await startTestApp({ rateLimits: { uploads: three, keys: three } })
    const [ada, bea] = [await signUp(test.app), await signUp(test.app)]
    const row = put('accounts_encrypt', accountRow(randomUUID()))
    const uploads = (person: Person) => person.send('POST', '/api/sync/upload', { batch: [row] })
    const statusesOf = async (
      person: Person,
      ask: (person: Person) => ReturnType<typeof uploads>,
    ) => {
      const statuses = []
      for (let n = 0; n < 4; n++) statuses.push((await ask(person)).statusCode)
      return statuses
    }
    expect(await statusesOf(ada, uploads)).toEqual([200, 200, 200, 429])
    expect(await statusesOf(ada, (person) => person.get('/api/keys'))).toEqual([200, 200, 200, 429])
    expect(await statusesOf(ada, (person) => person.get('/api/me'))).toEqual([200, 200, 200, 200])
    expect(await statusesOf(bea, uploads)).toEqual([200, 200, 200, 429])
    await test.close()

    const other = await startTestApp({ rateLimits: { account: three } })
    const cea = await signUp(other.app)
    expect(await statusesOf(cea, (person) => person.get('/api/me'))).toEqual([200, 200, 200, 429])
    expect((await signUp(other.app)).userId).toBeTruthy()
    await other.close()
  })

  it('does not count what a page of another origin makes a browser send', async () => {
    const limit = { max: 2, windowMs: 60_000 }
    const test = await startTestApp({ rateLimits: { api: limit, auth: limit } })
    const foreign = [
      { method: 'POST', url: '/api/sync/upload', headers: { origin: 'https://evil.example' } },
      { method: 'POST', url: '/api/auth/sign-in/email', headers: {} },
      { method: 'GET', url: '/api/me', headers: { 'sec-fetch-site': 'cross-site' } },
    ] as const
    for (const request of foreign) {
      for (let n = 0; n < 3; n++) {
        const response = await test.app.inject(request)
        expect(response.json()).toMatchObject({ error: { code: 'foreign-origin' } })
        expect(response.statusCode).toBe(403)
      }
    }
    expect((await sendAs(test.app, '', 'GET', '/api/me')).statusCode).toBe(401)
    const wrong = { email: 'ada@example.test', password: 'a wrong guess' }
    const guess = await sendAs(test.app, '', 'POST', '/api/auth/sign-in/email', wrong)
    expect(guess.statusCode).toBe(401)
    await test.close()
  })

  it('ships with room for two hundred devices of one account, a batch every 20 seconds', () => {
    const { uploads, account, api } = resolveConfig({
      publicUrl,
      authSecret: 'a secret of at least thirty-two characters',
      syncUrl: publicUrl,
    }).rateLimits
    const batches = 200 * 3
    const tokens = 200 / 4 // each lives for five minutes
    expect(uploads).toEqual({ max: expect.any(Number) as number, windowMs: 60_000 })
    expect(uploads.max).toBeGreaterThanOrEqual(batches)
    for (const limit of [account, api]) {
      expect(limit.windowMs).toBe(60_000)
      expect(limit.max).toBeGreaterThanOrEqual(batches + tokens)
    }
  })

  it('lets a person make so many workspaces, and the same one again', async () => {
    const test = await startTestApp({ maxWorkspacesPerPerson: 2 })
    const [ada, bea] = [await signUp(test.app), await signUp(test.app)]
    const workspace = () => ({
      id: randomUUID(),
      dataKey: { keyVersion: 1, wrapped: fakeWrappedKey() },
    })
    const bodies = [workspace(), workspace(), workspace()]
    const answers = await Promise.all(
      bodies.map((body) => ada.send('POST', '/api/workspaces', body)),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 201, 409])
    const made = bodies.filter((_, at) => answers[at]?.statusCode === 201)
    expect((await ada.send('POST', '/api/workspaces', made[0])).statusCode).toBe(200)
    const refused = await ada.send('POST', '/api/workspaces', workspace())
    expect(refused.json()).toMatchObject({ error: { code: 'too-many-workspaces' } })
    expect((await bea.send('POST', '/api/workspaces', workspace())).statusCode).toBe(201)
    await test.close()
  })

  it('limits the rest by address too', async () => {
    const test = await startTestApp({ rateLimits: { api: { max: 2, windowMs: 60_000 } } })
    const statuses = []
    for (let request = 0; request < 3; request++) {
      statuses.push((await sendAs(test.app, '', 'GET', '/api/me')).statusCode)
    }
    expect(statuses).toEqual([401, 401, 429])
    await test.close()
  })
})
