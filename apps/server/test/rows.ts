import { randomBytes, randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { UploadOperation, UploadResponse } from '@sealbook/schema/upload'
import { signUp, type Person } from './test-app.ts'

/** A row as a client would send it: `id` apart, envelopes of random bytes. */
export interface TestRow {
  readonly id: string
  readonly data: Record<string, unknown> & { revision: number; seal: string; workspace_id: string }
}

/** Right in form, though no key opens it: the server cannot tell. */
export function fakeEnvelope(keyVersion = 1, ciphertextBytes = 32): string {
  const header = Buffer.from([1, 1, 0, 0, 0, 0])
  header.writeUInt32BE(keyVersion, 2)
  return Buffer.concat([header, randomBytes(24 + ciphertextBytes + 16)]).toString('base64url')
}

export function fakeSeal(keyVersion = 1): string {
  const header = Buffer.from([1, 0, 0, 0, 0])
  header.writeUInt32BE(keyVersion, 1)
  return Buffer.concat([header, randomBytes(32)]).toString('base64url')
}

export function fakeWrappedKey(): string {
  return randomBytes(74).toString('base64url')
}

export function settingsRow(workspaceId: string): TestRow {
  return {
    id: workspaceId,
    data: { ...common(workspaceId), currency: 'EUR', name: fakeEnvelope() },
  }
}

export function accountRow(workspaceId: string): TestRow {
  return {
    id: randomUUID(),
    data: {
      ...common(workspaceId),
      type: 'checking',
      currency: 'EUR',
      sort_order: 0,
      archived_at: null,
      name: fakeEnvelope(),
      opening_balance: fakeEnvelope(),
      note: fakeEnvelope(),
    },
  }
}

export function categoryRow(workspaceId: string, parentId: string | null = null): TestRow {
  return {
    id: randomUUID(),
    data: {
      ...common(workspaceId),
      parent_id: parentId,
      kind: 'expense',
      sort_order: 1,
      archived_at: null,
      name: fakeEnvelope(),
      icon: fakeEnvelope(),
      colour: fakeEnvelope(),
    },
  }
}

export function transactionRow(
  workspaceId: string,
  accountId: string,
  categoryId: string | null = null,
): TestRow {
  return {
    id: randomUUID(),
    data: {
      ...common(workspaceId),
      account_id: accountId,
      category_id: categoryId,
      kind: 'expense',
      occurred_on: '2026-02-28',
      status: 'cleared',
      amount: fakeEnvelope(),
      payee: fakeEnvelope(),
      note: fakeEnvelope(1, 64),
    },
  }
}

export function put(table: string, row: TestRow): UploadOperation {
  return { op: 'PUT', table, id: row.id, data: row.data }
}

/** A PATCH on top of `row`, and the row that it makes. */
export function patch(
  table: string,
  row: TestRow,
  changes: Record<string, unknown>,
): { operation: UploadOperation; row: TestRow } {
  const { revision, seal } = row.data
  const data = { ...changes, revision: revision + 1, seal: fakeSeal() }
  return {
    operation: { op: 'PATCH', table, id: row.id, data, previous: { revision, seal } },
    row: { id: row.id, data: { ...row.data, ...data } },
  }
}

export function remove(table: string, row: TestRow): UploadOperation {
  const { revision, seal } = row.data
  return { op: 'DELETE', table, id: row.id, previous: { revision, seal } }
}

/** Signs up somebody and makes their workspace, key version 1. */
export async function signUpWithWorkspace(
  app: FastifyInstance,
): Promise<{ person: Person; workspaceId: string }> {
  const person = await signUp(app)
  const workspaceId = randomUUID()
  const response = await person.send('POST', '/api/workspaces', {
    id: workspaceId,
    dataKey: { keyVersion: 1, wrapped: fakeWrappedKey() },
  })
  if (response.statusCode !== 201) throw new Error(`workspace: ${response.body}`)
  return { person, workspaceId }
}

export async function upload(person: Person, batch: UploadOperation[]): Promise<UploadResponse> {
  const response = await person.send('POST', '/api/sync/upload', { batch })
  if (response.statusCode !== 200) throw new Error(`upload: ${response.body}`)
  return response.json<UploadResponse>()
}

function common(workspaceId: string) {
  return {
    workspace_id: workspaceId,
    created_at: 1_790_000_000_000,
    updated_at: 1_790_000_000_001,
    revision: 1,
    seal: fakeSeal(),
    author_id: null,
  }
}
