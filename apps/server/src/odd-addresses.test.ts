import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listRoutes } from '../test/routes.ts'
import { signUpWithWorkspace } from '../test/rows.ts'
import { startTestApp, type Person, type TestApp } from '../test/test-app.ts'

const oddTexts = [
  '',
  '.',
  '..',
  '../..',
  '%2e%2e',
  '%00',
  '%',
  '%zz',
  '%ff',
  '\\..\\..',
  '//',
  ';',
  ':',
  '*',
  '[',
  'null',
  '-1',
  '00',
  'ff',
  '1e999',
  '__proto__',
  'constructor',
  "'",
  '"',
  '%C3%28',
  'ids',
  'é'.normalize('NFD'),
].map((text) => encodeURI(text).replaceAll('%25', '%')) // as a client may send it: ASCII, not tidied up
const oddText = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string({ maxLength: 12, unit: 'binary' }).map(encodeURIComponent),
  fc.nat(3_000).map((length) => 'a'.repeat(length)),
)

describe('an odd address', () => {
  let test: TestApp
  let person: Person
  let workspaceId: string
  let paths: string[]
  beforeAll(async () => {
    test = await startTestApp()
    ;({ person, workspaceId } = await signUpWithWorkspace(test.app))
    paths = listRoutes(test.app).flatMap((route) => {
      const [method, path = ''] = route.split(' ')
      return method === 'GET' ? [path] : []
    })
    await test.app.listen({ port: 0, host: '127.0.0.1' })
  })
  afterAll(() => test.close())

  /** As it stands on the wire: `fetch` and `inject` would tidy it up. */
  async function statusOf(path: string): Promise<number | undefined> {
    const { port } = test.app.server.address() as AddressInfo
    return await new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, path, headers: { cookie: person.cookie } },
        (answer) => {
          answer.resume()
          answer.once('end', () => resolve(answer.statusCode))
        },
      )
      sent.once('error', reject)
      sent.end()
    })
  }

  it.each([
    ['/api/docs/static/../..', 404],
    ['/api/docs/static/%2e%2e/%2e%2e', 404],
    ['/api/docs/static/a\\..\\..', 404],
    ['/api/docs/static/%00', 400],
  ])('%s is answered with %i', async (path, status) => {
    expect(await statusOf(path)).toBe(status)
  })

  it('of a digest of no known column counts the rows', async () => {
    for (const columns of ['', 'unheard-of']) {
      const url = `/api/workspaces/${workspaceId}/tables/accounts/digests`
      const answer = await person.get(`${url}?columns=${columns}&from=00&to=ff`)
      expect([answer.statusCode, answer.json()]).toEqual([200, { slices: [] }])
    }
  })

  it('is never a fault of the server, whatever route it resembles', async () => {
    const parameters = ['columns', 'from', 'to', 'ids', 'slice', 'after', 'x', '__proto__']
    const known = new Map(Object.entries({ columns: 'id', from: '00', to: 'ff', slice: '00' }))
    const query = fc.array(
      fc.tuple(fc.constantFrom(...parameters), fc.oneof(oddText, fc.constant(null))),
      { maxLength: 5 },
    )
    const odd = fc.record({
      path: fc.constantFrom(...paths),
      places: fc.array(fc.option(oddText), { minLength: 3, maxLength: 3 }),
      tail: fc.option(oddText),
      query,
    })
    await fc.assert(
      fc.asyncProperty(odd, async ({ path, places, tail, query: pairs }) => {
        let place = 0
        const good: Record<string, string> = { workspaceId, table: 'accounts', '*': 'index.html' }
        const address = path.replaceAll(/:(\w+)|(\*)/g, (_, name?: string) => {
          return places[place++] ?? good[name ?? '*'] ?? ''
        })
        const text = pairs
          .map(([name, value]) => `${name}=${value ?? known.get(name) ?? workspaceId}`)
          .join('&')
        const whole = `${address}${tail === null ? '' : `/${tail}`}?${text}`
        const status = (await statusOf(whole)) ?? 0
        expect([whole, status >= 200 && status < 500]).toEqual([whole, true])
      }),
      { numRuns: 600 },
    )
  }, 60_000)
})
