import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { addMember, addPerson, addWorkspace } from './people.ts'
import { openSuite, type Suite } from './suite.ts'

// Real clients in worker threads take seconds to open on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let suite: Suite
let person: string
let workspace: string
let other: string

beforeAll(async () => {
  suite = await openSuite()
})
afterAll(() => suite.close())

beforeEach(async () => {
  const { pool } = suite
  person = await addPerson(pool)
  workspace = await addWorkspace(pool, person)
  other = await addWorkspace(pool, person, [])
  await addRow(workspace, 'here')
  await addRow(other, 'there')
})
afterEach(() => suite.closeClients())

async function addRow(inside: string, words: string): Promise<string> {
  const id = randomUUID()
  await suite.pool.query(
    'INSERT INTO contract_values (id, workspace_id, words) VALUES ($1, $2, $3)',
    [id, inside, words],
  )
  return id
}

describe('access', () => {
  it('follows a membership that is added, changed, moved and removed', async () => {
    const { pool } = suite
    const client = await suite.open(person)
    await suite.untilSame(client)
    const membership = await addMember(pool, other, person)
    await suite.untilSame(client)
    await addRow(other, 'new there')
    await suite.untilSame(client)
    const third = await addWorkspace(pool, person, [])
    await addRow(third, 'third')
    const change = async (what: string, value: string) => {
      await pool.query(`UPDATE workspace_memberships SET ${what} = $2 WHERE id = $1`, [
        membership,
        value,
      ])
      await suite.untilSame(client)
    }
    await change('role', 'viewer')
    await change('workspace_id', third)
    await change('user_id', await addPerson(pool))
    await pool.query('DELETE FROM workspace_memberships WHERE user_id = $1', [person])
    await suite.untilSame(client)
    expect(await client.db.getAll('SELECT id FROM contract_values')).toEqual([])
  })

  it('gives back what was seen before when a person joins again', async () => {
    const client = await suite.open(person)
    const membership = await addMember(suite.pool, other, person)
    await suite.untilSame(client)
    await suite.pool.query('DELETE FROM workspace_memberships WHERE id = $1', [membership])
    await suite.untilSame(client)
    await addRow(other, 'meanwhile')
    await suite.pool.query(
      `DELETE FROM contract_values WHERE workspace_id = $1 AND words = 'there'`,
      [other],
    )
    await addMember(suite.pool, other, person)
    await suite.untilSame(client)
  })

  it('notices on connecting what was taken away meanwhile', async () => {
    const client = await suite.open(person)
    await addMember(suite.pool, other, person)
    await suite.untilSame(client)
    await client.db.disconnect()
    await suite.pool.query('DELETE FROM workspace_memberships WHERE workspace_id = $1', [other])
    await addRow(other, 'not for this person')
    await client.connect()
    await suite.untilSame(client)
  })

  it('shows a workspace whole when it is made and joined in one transaction', async () => {
    const counts = new Set<number>()
    const client = await suite.open(person, {
      async onCheckpoint(db) {
        const { n } = await db.get<{ n: number }>('SELECT count(*) AS n FROM contract_values')
        counts.add(n)
      },
    })
    await suite.untilSame(client)
    const made = randomUUID()
    await suite.pool.query(
      `BEGIN; INSERT INTO workspaces (id, created_by) VALUES ('${made}', '${person}');
       INSERT INTO workspace_memberships VALUES (gen_random_uuid(), '${made}', '${person}', 'owner');
       INSERT INTO contract_values (id, workspace_id) VALUES (gen_random_uuid(), '${made}');
       INSERT INTO contract_values (id, workspace_id) VALUES (gen_random_uuid(), '${made}'); COMMIT`,
    )
    await suite.untilSame(client)
    expect([...counts]).not.toContain(2)
  })

  it('follows a row that moves between workspaces, for those on both sides', async () => {
    const client = await suite.open(person)
    const stranger = await addPerson(suite.pool)
    await addMember(suite.pool, other, stranger)
    const neighbour = await suite.open(stranger)
    const id = await addRow(workspace, 'moving')
    for (const to of [other, workspace, other]) {
      await suite.pool.query('UPDATE contract_values SET workspace_id = $2 WHERE id = $1', [id, to])
      await suite.untilSame(client)
      await suite.untilSame(neighbour)
    }
    await suite.pool.query(
      'UPDATE contract_values SET workspace_id = $2, id = gen_random_uuid() WHERE id = $1',
      [id, workspace],
    )
    await suite.untilSame(client)
    await suite.untilSame(neighbour)
  })

  it('is refused to an expired token, after which the client fetches another', async () => {
    const client = await suite.open(person, { lifetimesSeconds: [-120, 300] })
    await suite.untilSame(client)
    expect(suite.gateway.answers(client.clientId).map(({ status }) => status)).toContain(401)
    expect(client.tokensFetched).toBe(2)
  })

  it('ends with the token, after which the client goes on with another', async () => {
    const client = await suite.open(person, { lifetimesSeconds: [3, 300] })
    await suite.untilSame(client)
    await client.until(() => Promise.resolve(client.tokensFetched > 1))
    await addRow(workspace, 'after')
    await suite.untilSame(client)
    const log = suite.gateway.log(client.clientId)
    expect({ repeated: log.repeatedOps, restarts: log.restarts }).toEqual({
      repeated: 0,
      restarts: 0,
    })
  })

  it.each([
    ['no token', undefined],
    ['a token of another key', 'Token eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AAAA'],
  ])('is refused to %s', async (_, authorization) => {
    const response = await fetch(`${suite.target.url}/sync/stream`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(authorization ? { Authorization: authorization } : {}),
      },
      body: '{}',
    })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({
      error: { code: expect.stringMatching(/^PSYNC_S21/) as string },
    })
  })
})
