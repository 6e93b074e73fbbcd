import { randomUUID } from 'node:crypto'
import { encryptTable, entities } from '@sealbook/schema'
import type { UploadOperation, UploadResponse } from '@sealbook/schema/upload'
import { buildApp, equalLimits, createLogger, migrate } from '@sealbook/server'
import { createTestDatabase } from '../test-database.ts'
import { keyOf, type ModelAnswer, type StoredRow } from './model-server.ts'

/** The server with a Postgres and one person, without a port. */
export interface RealServer {
  addWorkspace(): Promise<string>
  /** The operations go to this workspace, whatever theirs is, and so under ids of its own. */
  upload(workspaceId: string, batch: readonly UploadOperation[]): Promise<ModelAnswer[]>
  /** As the model has them: with the ids and the workspace that the operations were given with. */
  rows(workspaceId: string): Promise<ReadonlyMap<string, StoredRow>>
  close(): Promise<void>
}

const origin = 'http://localhost:4173'
const wrappedKey = 'A'.repeat(99)

export async function openRealServer(): Promise<RealServer> {
  const database = await createTestDatabase()
  const { pool } = database
  await migrate(pool)
  const many = { max: 1_000_000, windowMs: 60_000 }
  const app = await buildApp({
    pool,
    logger: createLogger({ level: 'silent' }),
    config: {
      publicUrl: origin,
      authSecret: 'only-for-the-laws-of-merging-0123456789',
      syncUrl: `${origin}/powersync`,
      rateLimits: equalLimits(many),
    },
  })
  const signedUp = await app.inject({
    method: 'POST',
    url: '/api/auth/sign-up/email',
    headers: { origin },
    payload: { email: `${randomUUID()}@laws.test`, password: randomUUID() },
  })
  const { user } = signedUp.json<{ user: { id: string } }>()
  const cookies = [signedUp.headers['set-cookie']].flat()
  const cookie = cookies.map((line) => String(line).split(';')[0]).join('; ')
  const names = new Map<string, Names>()
  const namesOf = (workspaceId: string) => {
    const known = names.get(workspaceId) ?? new Names(workspaceId)
    names.set(workspaceId, known)
    return known
  }
  return {
    async addWorkspace() {
      const id = randomUUID()
      const payload = { id, dataKey: { keyVersion: 1, wrapped: wrappedKey } }
      const headers = { origin, cookie }
      const answer = await app.inject({ method: 'POST', url: '/api/workspaces', headers, payload })
      if (answer.statusCode !== 201) throw new Error(`no workspace: ${answer.body} ${user.id}`)
      return id
    },
    async upload(workspaceId, batch) {
      if (batch.length === 0) return []
      const payload = { batch: batch.map((each) => namesOf(workspaceId).translate(each)) }
      const headers = { origin, cookie }
      const answer = await app.inject({
        method: 'POST',
        url: '/api/sync/upload',
        headers,
        payload,
      })
      if (answer.statusCode !== 200) throw new Error(`no answer: ${answer.body}`)
      const { errors } = answer.json<UploadResponse>()
      const codes = new Map(errors.map(({ index, code }) => [index, code]))
      return batch.map((_, index) => codes.get(index) ?? 'applied')
    },
    async rows(workspaceId) {
      const found = new Map<string, StoredRow>()
      for (const table of entities.map(encryptTable)) {
        const { rows } = await pool.query<{ row: Record<string, unknown> }>(
          `SELECT row_to_json(t) AS row FROM ${table} AS t WHERE workspace_id = $1`,
          [workspaceId],
        )
        for (const { row } of rows) {
          const { id, ...columns } = namesOf(workspaceId).translateBack(row)
          found.set(keyOf(table, String(id)), columns as StoredRow)
        }
      }
      return found
    },
    async close() {
      await app.close()
      await database.drop()
    },
  }
}

/** Two workspaces cannot have a row of one id: every id stands for one of the workspace's own. */
class Names {
  readonly #workspaceId: string
  readonly #real = new Map<string, string>()
  readonly #given = new Map<string, string>()

  constructor(workspaceId: string) {
    this.#workspaceId = workspaceId
  }

  translate({ id, data, ...operation }: UploadOperation): UploadOperation {
    return {
      ...operation,
      id: this.#realOf(id),
      ...(data ? { data: this.#mapIds(data, (each) => this.#realOf(each)) } : {}),
    }
  }

  translateBack(row: Record<string, unknown>): Record<string, unknown> {
    return this.#mapIds(row, (each) => this.#given.get(each) ?? each)
  }

  #mapIds(row: Record<string, unknown>, map: (id: string) => string): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        if (name === 'workspace_id' && typeof value === 'string') {
          this.#given.set(this.#workspaceId, this.#given.get(this.#workspaceId) ?? value)
          if (value !== this.#workspaceId) this.#real.set(value, this.#workspaceId)
        }
        const isId = (name === 'id' || name.endsWith('_id')) && typeof value === 'string'
        return [name, isId ? map(value) : value]
      }),
    )
  }

  #realOf(given: string): string {
    const known = this.#real.get(given)
    if (known !== undefined) return known
    const real = randomUUID()
    this.#real.set(given, real)
    this.#given.set(real, given)
    return real
  }
}
