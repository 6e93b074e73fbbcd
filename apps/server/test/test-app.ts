import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@sealbook/testing'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import {
  buildApp,
  createLogger,
  equalLimits,
  migrate,
  type LoggerOptions,
  type ServerConfig,
} from '../src/index.ts'

export const publicUrl = 'http://localhost:4173'
export const password = 'correct horse battery'
const generous = { max: 100_000, windowMs: 60_000 }

export interface TestApp {
  readonly app: FastifyInstance
  readonly database: TestDatabase
  close(): Promise<void>
}

/** The real app on a fresh, migrated database, with limits that tests do not reach. */
export async function startTestApp(
  config: Partial<ServerConfig> = {},
  logger: LoggerOptions = { level: 'silent' },
): Promise<TestApp> {
  const database = await createTestDatabase()
  await migrate(database.pool)
  const app = await buildApp({
    pool: database.pool,
    logger: createLogger(logger),
    config: {
      publicUrl,
      authSecret: 'a secret of at least thirty-two characters',
      syncUrl: `${publicUrl}/powersync`,
      rateLimits: equalLimits(generous),
      ...config,
    },
  })
  await app.ready()
  return {
    app,
    database,
    async close() {
      await app.close()
      await database.drop()
    },
  }
}

/** One signed-in browser. */
export interface Person {
  readonly userId: string
  readonly email: string
  readonly cookie: string
  get(url: string): Promise<LightMyRequestResponse>
  send(method: 'POST' | 'PUT', url: string, payload?: unknown): Promise<LightMyRequestResponse>
}

export async function signUp(app: FastifyInstance): Promise<Person> {
  const email = `${randomUUID()}@example.test`
  const response = await sendAs(app, '', 'POST', '/api/auth/sign-up/email', {
    email,
    password,
    name: 'Sealbook user',
  })
  if (response.statusCode !== 200) throw new Error(`sign-up: ${response.body}`)
  const { user } = response.json<{ user: { id: string } }>()
  return person(app, user.id, email, cookieOf(response))
}

export async function signIn(app: FastifyInstance, { userId, email }: Person): Promise<Person> {
  const response = await sendAs(app, '', 'POST', '/api/auth/sign-in/email', { email, password })
  if (response.statusCode !== 200) throw new Error(`sign-in: ${response.body}`)
  return person(app, userId, email, cookieOf(response))
}

export function cookieOf(response: LightMyRequestResponse): string {
  return response.cookies
    .map(({ name, value }) => `${name}=${encodeURIComponent(value)}`)
    .join('; ')
}

/** Starts at once: a bare `inject` would wait to be awaited. */
export async function sendAs(
  app: FastifyInstance,
  cookie: string,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT',
  url: string,
  payload?: unknown,
): Promise<LightMyRequestResponse> {
  return await app.inject({
    method,
    url,
    headers: { origin: publicUrl, ...(cookie === '' ? {} : { cookie }) },
    ...(payload === undefined
      ? {}
      : { payload: payload as Exclude<InjectOptions['payload'], undefined> }),
  })
}

function person(app: FastifyInstance, userId: string, email: string, cookie: string): Person {
  return {
    userId,
    email,
    cookie,
    get: (url) => sendAs(app, cookie, 'GET', url),
    send: (method, url, payload) => sendAs(app, cookie, method, url, payload),
  }
}
