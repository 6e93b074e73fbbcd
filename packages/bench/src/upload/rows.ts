import { randomBytes, randomUUID } from 'node:crypto'

/** A row as a client sends it. */
export interface ClientRow {
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Right in form, though no key opens it: the server cannot tell. */
function envelope(ciphertextBytes: number): string {
  const header = Buffer.from([1, 1, 0, 0, 0, 1])
  return Buffer.concat([header, randomBytes(24 + ciphertextBytes + 16)]).toString('base64url')
}

function common(workspaceId: string) {
  return {
    workspace_id: workspaceId,
    created_at: 1_790_000_000_000,
    updated_at: 1_790_000_000_000,
    revision: 1,
    seal: Buffer.concat([Buffer.from([1, 0, 0, 0, 1]), randomBytes(32)]).toString('base64url'),
  }
}

export function accountRow(workspaceId: string): ClientRow {
  const data = {
    ...common(workspaceId),
    type: 'checking',
    currency: 'EUR',
    sort_order: 0,
    name: envelope(32),
    opening_balance: envelope(32),
    note: envelope(32),
  }
  return { id: randomUUID(), data }
}

export function transactionRow(workspaceId: string, accountId: string): ClientRow {
  const data = {
    ...common(workspaceId),
    account_id: accountId,
    kind: 'expense',
    occurred_on: '2026-02-28',
    status: 'cleared',
    amount: envelope(32),
    payee: envelope(32),
    note: envelope(64),
  }
  return { id: randomUUID(), data }
}
