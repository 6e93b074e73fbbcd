import { randomUUID } from 'node:crypto'
import {
  deriveRowKeys,
  generateDataKey,
  generateUserKey,
  loadCrypto,
  wrapDataKey,
  type DataKey,
  type UserKey,
  type WorkspaceKeys,
} from '@sealbook/crypto'
import { openRow, shapes } from '@sealbook/crypto-router'
import type pg from 'pg'
import type { DumpedRow, RowText } from './history.ts'

/** Somebody with an account, a session and a key. */
export interface Member {
  readonly userId: string
  readonly cookie: string
  readonly userKey: UserKey
  readonly wrappedDataKeys: readonly { readonly keyVersion: number; readonly wrapped: string }[]
}

/** A fresh workspace with two members. */
export interface Household {
  readonly workspaceId: string
  readonly members: readonly [Member, Member]
  /** The server's rows, opened with the workspace's key. @throws when one does not open. */
  readServerRows(): Promise<readonly DumpedRow[]>
}

const keyVersion = 1

export async function foundHousehold(origin: string, pool: pg.Pool): Promise<Household> {
  await loadCrypto()
  const workspaceId = randomUUID()
  const dataKey = generateDataKey()
  const owner = await signUp(origin)
  const wrapped = wrapFor(owner, workspaceId, dataKey)
  await post(
    origin,
    '/api/workspaces',
    { id: workspaceId, dataKey: { keyVersion, wrapped } },
    owner,
  )
  const editor = await signUp(origin)
  // No route invites people yet.
  await pool.query(
    `INSERT INTO workspace_memberships (workspace_id, user_id, role) VALUES ($1, $2, 'editor')`,
    [workspaceId, editor.userId],
  )
  await pool.query(
    `INSERT INTO workspace_data_keys (workspace_id, user_id, key_version, wrapped)
      VALUES ($1, $2, $3, $4)`,
    [workspaceId, editor.userId, keyVersion, wrapFor(editor, workspaceId, dataKey)],
  )
  const rowKeys = deriveRowKeys(dataKey, workspaceId, keyVersion)
  const keys = { workspaceId, current: keyVersion, byVersion: new Map([[keyVersion, rowKeys]]) }
  return {
    workspaceId,
    members: [
      await withKeys(origin, owner, workspaceId),
      await withKeys(origin, editor, workspaceId),
    ],
    readServerRows: () => readServerRows(pool, keys),
  }
}

type Account = Omit<Member, 'wrappedDataKeys'>

async function signUp(origin: string): Promise<Account> {
  const response = await post(origin, '/api/auth/sign-up/email', {
    email: `${randomUUID()}@converge.test`,
    password: randomUUID(),
  })
  const { user } = (await response.json()) as { user: { id: string } }
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  return { userId: user.id, cookie, userKey: generateUserKey() }
}

function wrapFor({ userKey, userId }: Account, workspaceId: string, dataKey: DataKey): string {
  return wrapDataKey({ userKey, userId, workspaceId, keyVersion, dataKey })
}

/** As a device reads them after signing in. */
async function withKeys(origin: string, account: Account, workspaceId: string): Promise<Member> {
  const response = await fetch(`${origin}/api/keys`, { headers: { cookie: account.cookie } })
  const { workspaces } = (await response.json()) as {
    workspaces: { workspaceId: string; dataKeys: Member['wrappedDataKeys'] }[]
  }
  const found = workspaces.find((workspace) => workspace.workspaceId === workspaceId)
  if (found === undefined) throw new Error('the member has no keys of the workspace')
  return { ...account, wrappedDataKeys: found.dataKeys }
}

async function post(
  origin: string,
  path: string,
  body: unknown,
  { cookie }: { readonly cookie: string } = { cookie: '' },
): Promise<Response> {
  const headers = { 'content-type': 'application/json', origin, cookie }
  const response = await fetch(`${origin}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response
}

async function readServerRows(pool: pg.Pool, keys: WorkspaceKeys): Promise<DumpedRow[]> {
  const dumped: DumpedRow[] = []
  for (const shape of shapes) {
    const { rows } = await pool.query<{ row: Record<string, unknown> & { id: string } }>(
      `SELECT row_to_json(t) AS row FROM ${shape.twin} AS t WHERE workspace_id = $1`,
      [keys.workspaceId],
    )
    for (const { row } of rows) {
      const key = `${shape.table}/${row.id}`
      const opened = openRow(shape, keys, row.id, row)
      if (!opened.ok) throw new Error(`${key} of the server does not open: ${opened.error.kind}`)
      const cells = Object.entries(opened.value.values).map(
        ([name, value]) => [name, value === null ? null : String(value)] as const,
      )
      const text: RowText = Object.fromEntries(cells)
      dumped.push({ key, row: text, seal: opened.value.seal })
    }
  }
  return dumped
}
