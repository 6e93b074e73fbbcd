import { randomUUID } from 'node:crypto'
import { entityOf, localColumns } from '@sealbook/schema'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accountRow,
  categoryRow,
  fakeEnvelope,
  fakeSeal,
  patch,
  put,
  remove,
  settingsRow,
  signUpWithWorkspace,
  transactionRow,
  upload,
} from '../../../test/rows.ts'
import { signUp, startTestApp, type Person, type TestApp } from '../../../test/test-app.ts'

const accounts = 'accounts_encrypt'
const categories = 'categories_encrypt'
const transactions = 'transactions_encrypt'

describe('upload', () => {
  let test: TestApp
  let person: Person
  let workspaceId: string
  beforeAll(async () => {
    test = await startTestApp()
    ;({ person, workspaceId } = await signUpWithWorkspace(test.app))
  })
  afterAll(() => test.close())

  async function stored(table: string, id: string): Promise<Record<string, unknown> | undefined> {
    const { rows } = await test.database.pool.query<{ row: Record<string, unknown> }>(
      `SELECT to_json(t) AS row FROM ${table} t WHERE id = $1`,
      [id],
    )
    return rows[0]?.row
  }

  it('stores rows exactly as they were sent', async () => {
    const account = accountRow(workspaceId)
    const category = categoryRow(workspaceId)
    const transaction = transactionRow(workspaceId, account.id, category.id)
    const answer = await upload(person, [
      put('workspace_settings_encrypt', settingsRow(workspaceId)),
      put(accounts, account),
      put(categories, category),
      put(transactions, transaction),
    ])
    expect(answer).toEqual({ applied: 4, errors: [] })
    const leftOut = Object.keys(localColumns(entityOf('transactions'))).map((name) => [name, null])
    expect(await stored(transactions, transaction.id)).toEqual({
      ...Object.fromEntries(leftOut),
      id: transaction.id,
      ...transaction.data,
    })
    expect(await stored(accounts, account.id)).toEqual({ id: account.id, ...account.data })
  })

  it('takes a PUT that leaves out what is null', async () => {
    const account = accountRow(workspaceId)
    const { archived_at: _, ...data } = account.data
    const answer = await upload(person, [{ op: 'PUT', table: accounts, id: account.id, data }])
    expect(answer.applied).toBe(1)
    expect(await stored(accounts, account.id)).toEqual({ id: account.id, ...account.data })
  })

  it('changes only what a PATCH names', async () => {
    const account = { ...accountRow(workspaceId) }
    account.data.archived_at = 1_790_000_000_002
    const changed = patch(accounts, account, { name: fakeEnvelope() })
    const answer = await upload(person, [put(accounts, account), changed.operation])
    expect(answer).toEqual({ applied: 2, errors: [] })
    expect(await stored(accounts, account.id)).toEqual({ id: account.id, ...changed.row.data })
  })

  it('stores who made a revision, and takes nobody else’s name', async () => {
    const other = randomUUID()
    const account = accountRow(workspaceId)
    account.data.author_id = person.userId
    expect((await upload(person, [put(accounts, account)])).applied).toBe(1)
    const inAnothersName = accountRow(workspaceId)
    inAnothersName.data.author_id = other
    const changed = patch(accounts, account, { sort_order: 2, author_id: other })
    const { errors } = await upload(person, [put(accounts, inAnothersName), changed.operation])
    expect(errors.map(({ code }) => code)).toEqual(['wrong-author', 'wrong-author'])
    expect(await stored(accounts, account.id)).toEqual({ id: account.id, ...account.data })
    expect(await stored(accounts, inAnothersName.id)).toBeUndefined()
  })

  it('takes a change of an older client, which names nobody', async () => {
    const account = accountRow(workspaceId)
    delete account.data.author_id
    const changed = patch(accounts, account, { sort_order: 2 })
    const answer = await upload(person, [put(accounts, account), changed.operation])
    expect(answer).toEqual({ applied: 2, errors: [] })
    expect(await stored(accounts, account.id)).toMatchObject({ author_id: null, sort_order: 2 })
  })

  it('answers the same operation again alike, and applies it once', async () => {
    const account = accountRow(workspaceId)
    const once = patch(accounts, account, { sort_order: 5 })
    const twice = patch(accounts, once.row, { sort_order: 6 })
    const batch = [put(accounts, account), once.operation, twice.operation]
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await upload(person, batch)).toEqual({ applied: 3, errors: [] })
    }
    expect(await upload(person, [once.operation])).toEqual({ applied: 1, errors: [] })
    expect(await stored(accounts, account.id)).toEqual({ id: account.id, ...twice.row.data })
    const deletion = remove(accounts, twice.row)
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await upload(person, [deletion])).toEqual({ applied: 1, errors: [] })
    }
  })

  it('answers a change of another revision with the stored row', async () => {
    const account = accountRow(workspaceId)
    const mine = patch(accounts, account, { sort_order: 1 })
    const theirs = patch(accounts, account, { sort_order: 2 })
    await upload(person, [put(accounts, account), theirs.operation])
    for (const operation of [mine.operation, remove(accounts, account)]) {
      expect(await upload(person, [operation])).toEqual({
        applied: 0,
        errors: [
          expect.objectContaining({
            index: 0,
            code: 'conflict',
            retryable: false,
            current: { id: account.id, ...theirs.row.data },
          }),
        ],
      })
    }
  })

  it('refuses a change made on a refused row of the same revision number', async () => {
    const account = accountRow(workspaceId)
    const theirs = patch(accounts, account, { sort_order: 2 })
    const mine = patch(accounts, account, { currency: 'USD' })
    const mineAgain = patch(accounts, mine.row, { currency: 'SEK' })
    await upload(person, [put(accounts, account), theirs.operation])
    const together = await upload(person, [mine.operation, mineAgain.operation])
    expect(together.errors.map(({ code }) => code)).toEqual(['conflict', 'conflict'])
    const apart = await upload(person, [mineAgain.operation])
    expect(apart.errors.map(({ code }) => code)).toEqual(['conflict'])
    const withoutSeals = [mine, mineAgain].map(({ operation }) => ({
      ...operation,
      previous: { revision: operation.previous?.revision ?? 0 },
    }))
    expect((await upload(person, withoutSeals)).applied).toBe(0)
    expect(await stored(accounts, account.id)).toEqual({ id: account.id, ...theirs.row.data })
  })

  it('does not bring a deleted row back by a replay, and says what a re-creation needs', async () => {
    const account = accountRow(workspaceId)
    const edited = patch(accounts, account, { sort_order: 1 })
    await upload(person, [put(accounts, account), remove(accounts, account)])
    for (const operation of [put(accounts, account), edited.operation]) {
      const { errors } = await upload(person, [operation])
      expect(errors).toEqual([
        expect.objectContaining({ code: 'conflict', current: null, deletedRevision: 2 }),
      ])
    }
    expect(await stored(accounts, account.id)).toBeUndefined()
    const again = { id: account.id, data: { ...account.data, revision: 3, seal: fakeSeal() } }
    expect(await upload(person, [put(accounts, again)])).toEqual({ applied: 1, errors: [] })
    expect(await stored(accounts, account.id)).toEqual({ id: account.id, ...again.data })
  })

  it('refuses a relation that the workspace does not have, and only that operation', async () => {
    const account = accountRow(workspaceId)
    const lost = transactionRow(workspaceId, randomUUID())
    const kept = transactionRow(workspaceId, account.id)
    const batch = [put(accounts, account), put(transactions, lost), put(transactions, kept)]
    const answer = await upload(person, batch)
    expect(answer.applied).toBe(2)
    expect(answer.errors).toEqual([
      expect.objectContaining({ index: 1, id: lost.id, code: 'missing-relation' }),
    ])
    expect(await stored(transactions, kept.id)).toBeDefined()
    expect(await stored(transactions, lost.id)).toBeUndefined()
  })

  it('refuses a parent in another workspace, even one of the same person', async () => {
    const other = randomUUID()
    await person.send('POST', '/api/workspaces', {
      id: other,
      dataKey: { keyVersion: 1, wrapped: 'A'.repeat(99) },
    })
    const account = accountRow(other)
    const answer = await upload(person, [
      put(accounts, account),
      put(transactions, transactionRow(workspaceId, account.id)),
    ])
    expect(answer.errors).toEqual([expect.objectContaining({ code: 'missing-relation' })])
  })

  it('refuses to delete what is in use, until nothing uses it', async () => {
    const account = accountRow(workspaceId)
    const transaction = transactionRow(workspaceId, account.id)
    await upload(person, [put(accounts, account), put(transactions, transaction)])
    const early = await upload(person, [remove(accounts, account)])
    expect(early.errors).toEqual([expect.objectContaining({ code: 'in-use' })])
    const batch = [remove(transactions, transaction), remove(accounts, account)]
    expect(await upload(person, batch)).toEqual({ applied: 2, errors: [] })
  })

  it('refuses a category that comes before its parent', async () => {
    const parent = categoryRow(workspaceId)
    const child = categoryRow(workspaceId, parent.id)
    const wrong = await upload(person, [put(categories, child), put(categories, parent)])
    expect(wrong.errors).toEqual([expect.objectContaining({ index: 0, code: 'missing-relation' })])
    expect(await upload(person, [put(categories, child)])).toEqual({ applied: 1, errors: [] })
  })

  it('keeps a row in its workspace', async () => {
    const other = randomUUID()
    await person.send('POST', '/api/workspaces', {
      id: other,
      dataKey: { keyVersion: 1, wrapped: 'A'.repeat(99) },
    })
    const account = accountRow(workspaceId)
    await upload(person, [put(accounts, account)])
    const moved = patch(accounts, account, { workspace_id: other })
    expect((await upload(person, [moved.operation])).errors).toEqual([
      expect.objectContaining({ code: 'invalid-data' }),
    ])
  })

  it('lets nobody write into a workspace that is not theirs, nor learn what is in it', async () => {
    const account = accountRow(workspaceId)
    await upload(person, [put(accounts, account)])
    const { person: stranger, workspaceId: own } = await signUpWithWorkspace(test.app)
    const stolen = { id: account.id, data: { ...accountRow(own).data } }
    const { errors } = await upload(stranger, [
      put(accounts, accountRow(workspaceId)),
      patch(accounts, account, { sort_order: 9 }).operation,
      remove(accounts, account),
      put(accounts, stolen),
    ])
    expect(errors.map(({ code }) => code)).toEqual(Array(4).fill('forbidden'))
    expect(errors.every((error) => error.current === undefined)).toBe(true)
    expect(await stored(accounts, account.id)).toEqual({ id: account.id, ...account.data })
  })

  it('refuses a viewer and takes an editor', async () => {
    const member = await signUp(test.app)
    const join = `INSERT INTO workspace_memberships (workspace_id, user_id, role)
      VALUES ($1, $2, $3) ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role`
    const account = accountRow(workspaceId)
    await test.database.pool.query(join, [workspaceId, member.userId, 'viewer'])
    const viewed = await upload(member, [put(accounts, account)])
    expect(viewed.errors).toEqual([expect.objectContaining({ code: 'forbidden' })])
    await test.database.pool.query(join, [workspaceId, member.userId, 'editor'])
    expect((await upload(member, [put(accounts, account)])).applied).toBe(1)
  })

  it('refuses envelopes and seals of a key version that the workspace does not have', async () => {
    const envelope = accountRow(workspaceId)
    envelope.data.name = fakeEnvelope(2)
    const seal = accountRow(workspaceId)
    seal.data.seal = fakeSeal(70_000)
    const { errors } = await upload(person, [put(accounts, envelope), put(accounts, seal)])
    expect(errors.map(({ code, detail }) => [code, detail])).toEqual([
      ['invalid-data', 'the workspace has no key version 2'],
      ['invalid-data', 'the workspace has no key version 70000'],
    ])
  })

  it('serialises uploads of one workspace: of two edits of one revision, one is a conflict', async () => {
    const account = accountRow(workspaceId)
    await upload(person, [put(accounts, account)])
    const edits = [1, 2, 3, 4].map((order) => patch(accounts, account, { sort_order: order }))
    const answers = await Promise.all(edits.map(({ operation }) => upload(person, [operation])))
    expect(answers.map(({ applied }) => applied).sort()).toEqual([0, 0, 0, 1])
  })

  it('takes one batch sent several times at once as one', async () => {
    const account = accountRow(workspaceId)
    const batch = [
      put(accounts, account),
      put(transactions, transactionRow(workspaceId, account.id)),
    ]
    const answers = await Promise.all([1, 2, 3].map(() => upload(person, batch)))
    for (const answer of answers) expect(answer).toEqual({ applied: 2, errors: [] })
  })
})

describe('quota', () => {
  it('holds so many rows a workspace and counts deletions', async () => {
    const test = await startTestApp({ maxRowsPerWorkspace: 2 })
    const { person, workspaceId } = await signUpWithWorkspace(test.app)
    const rows = [1, 2, 3].map(() => accountRow(workspaceId))
    const [first, , third] = rows
    const answer = await upload(
      person,
      rows.map((row) => put(accounts, row)),
    )
    expect(answer.applied).toBe(2)
    expect(answer.errors).toEqual([
      expect.objectContaining({ index: 2, code: 'quota-exceeded', retryable: false }),
    ])
    if (first === undefined || third === undefined) throw new Error('unreachable')
    const swapped = await upload(person, [remove(accounts, first), put(accounts, third)])
    expect(swapped).toEqual({ applied: 2, errors: [] })
    await test.close()
  })
})
