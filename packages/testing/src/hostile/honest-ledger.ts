import { randomUUID } from 'node:crypto'
import {
  createRecoveryKeySlot,
  createSecretKeySlot,
  deriveKek,
  deriveRowKeys,
  drawNonces,
  generateDataKey,
  generateRecoveryKey,
  generateUserKey,
  kdfFloor,
  loadCrypto,
  newKdfParams,
  wrapDataKey,
  type Kek,
  type KdfParams,
  type KeySlot,
  type UserKey,
  type WorkspaceKeys,
} from '@sealbook/crypto'
import {
  openRow,
  sealRow,
  shapeOf,
  shapes,
  type LocalValues,
  type RowShape,
} from '@sealbook/crypto-router'
import type { EntityTable } from '@sealbook/schema'
import type { UploadOperation } from '@sealbook/schema/upload'
import type pg from 'pg'
import { testPerson, type TestPerson } from '../browser/person.ts'
import type { SealedRow } from './stream-teller.ts'

/** A transaction as a test writes it; amounts are minor units. */
export interface Payment {
  readonly id: string
  readonly payee: string
  readonly amount: bigint
}

/** Everything of a person that the server holds, and an honest device of theirs without a screen. */
export interface HonestLedger {
  readonly person: TestPerson
  readonly userId: string
  readonly userKey: UserKey
  readonly workspaceId: string
  readonly slots: readonly KeySlot[]
  readonly wrappedDataKey: string
  readonly accountId: string
  readonly payments: readonly Payment[]
  readonly keys: WorkspaceKeys
  /** Ids that this device wrote since `forgetWritten`. */
  readonly written: ReadonlySet<string>
  forgetWritten(): void
  /** The stored row as SQL has it; null when there is none. */
  stored(table: EntityTable, id: string): Promise<SealedRow | null>
  /** Its values, opened. */
  opened(table: EntityTable, id: string): Promise<LocalValues | null>
  /** A row of that revision, sealed and not sent. */
  seal(table: EntityTable, id: string, values: LocalValues, revision: number): SealedRow
  edit(table: EntityTable, id: string, changes: LocalValues): Promise<void>
  add(payee: string, amount: bigint): Promise<Payment>
  remove(table: EntityTable, id: string): Promise<void>
  /** `table/id revision seal` of every row that the server has of this workspace. */
  serverRows(): Promise<ReadonlyMap<string, string>>
  request(method: string, path: string, body?: unknown): Promise<Response>
}

const secretKey = 'velvet orbit cactus ladder thunder mosaic'
let derived: { readonly kek: Kek; readonly kdf: KdfParams } | undefined

/** One derivation serves all: it is the costly part of a person, and not what is tested here. */
function deriveOnce() {
  if (derived !== undefined) return derived
  const kdf = newKdfParams(kdfFloor)
  const kek = deriveKek(secretKey, kdf)
  if (!kek.ok) throw new Error(`no KEK: ${kek.error.kind}`)
  derived = { kek: kek.value, kdf }
  return derived
}

/** @param payees of as many transactions of today, each of another amount. */
export async function foundLedger(
  origin: string,
  pool: pg.Pool,
  payees: readonly string[],
): Promise<HonestLedger> {
  await loadCrypto()
  const person = { ...testPerson(`hostile-${randomUUID()}`), secretKey }
  const address = `10.9.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`
  let cookie = ''
  const request = (method: string, path: string, body?: unknown) =>
    fetch(`${origin}${path}`, {
      method,
      headers: { origin, cookie, 'x-forwarded-for': address, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const mustSucceed = async (method: string, path: string, body?: unknown) => {
    const response = await request(method, path, body)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }

  const { email, password } = person
  const signedUp = await mustSucceed('POST', '/api/auth/sign-up/email', {
    email,
    password,
    name: email,
  })
  cookie = signedUp.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const userId = ((await signedUp.json()) as { user: { id: string } }).user.id
  const userKey = generateUserKey()
  const slot = { userId, userKey, version: 1 }
  const slots = [
    createSecretKeySlot({ ...slot, id: randomUUID(), ...deriveOnce() }),
    createRecoveryKeySlot({ ...slot, id: randomUUID(), recoveryKey: generateRecoveryKey() }),
  ]
  await mustSucceed('POST', '/api/keys', { slots })
  const workspaceId = randomUUID()
  const dataKey = generateDataKey()
  const keyVersion = 1
  const wrappedDataKey = wrapDataKey({ userKey, userId, workspaceId, keyVersion, dataKey })
  await mustSucceed('POST', '/api/workspaces', {
    id: workspaceId,
    dataKey: { keyVersion, wrapped: wrappedDataKey },
  })
  const rowKeys = deriveRowKeys(dataKey, workspaceId, keyVersion)
  const keys = { workspaceId, current: keyVersion, byVersion: new Map([[keyVersion, rowKeys]]) }

  const written = new Set<string>()
  const seal = (
    table: EntityTable,
    id: string,
    values: LocalValues,
    revision: number,
  ): SealedRow => {
    const shape = shapeOf(table)
    const nonces = drawNonces(shape.sealedCount)
    const twin = sealRow(shape, rowKeys, id, values, { revision, authorId: userId }, nonces)
    const cells = shape.columns.map(({ name }, index) => [name, twin.cells[index] ?? null] as const)
    return { ...Object.fromEntries(cells), revision, seal: twin.seal, author_id: userId }
  }
  const post = async (...batch: UploadOperation[]) => {
    const response = await mustSucceed('POST', '/api/sync/upload', { batch })
    const { errors } = (await response.json()) as { errors: unknown[] }
    if (errors.length > 0) throw new Error(`refused: ${JSON.stringify(errors)}`)
    for (const { id } of batch) written.add(id)
  }
  const stored = async (table: EntityTable, id: string) => {
    const { rows } = await pool.query<{ row: SealedRow }>(
      `SELECT row_to_json(t) AS row FROM ${shapeOf(table).twin} AS t WHERE id = $1`,
      [id],
    )
    return rows[0]?.row ?? null
  }
  const opened = async (table: EntityTable, id: string) => {
    const row = await stored(table, id)
    if (row === null) return null
    const result = openRow(shapeOf(table), keys, id, row)
    if (!result.ok) throw new Error(`the server's ${table}/${id} does not open`)
    return result.value.values
  }
  const previousOf = ({ revision, seal: sealed }: SealedRow) => ({
    revision: Number(revision),
    seal: String(sealed),
  })
  const put = (table: EntityTable, id: string, values: LocalValues): UploadOperation => ({
    op: 'PUT',
    table: shapeOf(table).twin,
    id,
    data: seal(table, id, values, 1),
  })
  const now = Date.now()
  const common = { workspace_id: workspaceId, created_at: now, updated_at: now }
  const accountId = randomUUID()
  const paymentValues = (payee: string, amount: bigint): LocalValues => ({
    ...common,
    account_id: accountId,
    kind: 'expense',
    occurred_on: new Date(now).toISOString().slice(0, 10),
    status: 'cleared',
    amount,
    payee,
    note: `Note of ${payee}`,
  })
  const payments = payees.map((payee, index) => ({
    id: randomUUID(),
    payee,
    amount: -BigInt(1_000 + index * 111),
  }))
  await post(
    put('workspace_settings', workspaceId, { ...common, name: 'Household', currency: 'EUR' }),
    put('accounts', accountId, {
      ...common,
      type: 'checking',
      currency: 'EUR',
      sort_order: 0,
      name: 'Everyday account',
      opening_balance: 250_000n,
      note: '',
    }),
    ...payments.map(({ id, payee, amount }) =>
      put('transactions', id, paymentValues(payee, amount)),
    ),
  )
  written.clear()

  return {
    person,
    userId,
    userKey,
    workspaceId,
    slots,
    wrappedDataKey,
    accountId,
    payments,
    keys,
    written,
    forgetWritten: () => written.clear(),
    stored,
    opened,
    seal,
    request,
    async edit(table, id, changes) {
      const before = await stored(table, id)
      const values = await opened(table, id)
      if (before === null || values === null) throw new Error(`there is no ${table}/${id}`)
      const data = seal(table, id, { ...values, ...changes }, Number(before['revision']) + 1)
      const twin = shapeOf(table).twin
      await post({ op: 'PATCH', table: twin, id, data, previous: previousOf(before) })
    },
    async add(payee, amount) {
      const payment = { id: randomUUID(), payee, amount }
      await post(put('transactions', payment.id, paymentValues(payee, amount)))
      return payment
    },
    async remove(table, id) {
      const before = await stored(table, id)
      if (before === null) throw new Error(`there is no ${table}/${id}`)
      await post({ op: 'DELETE', table: shapeOf(table).twin, id, previous: previousOf(before) })
    },
    serverRows: () => readServerRows(pool, workspaceId, shapes),
  }
}

async function readServerRows(
  pool: pg.Pool,
  workspaceId: string,
  of: readonly RowShape[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const { table, twin } of of) {
    const { rows } = await pool.query<{ id: string; revision: string; seal: string }>(
      `SELECT id, revision, seal FROM ${twin} WHERE workspace_id = $1`,
      [workspaceId],
    )
    for (const { id, revision, seal } of rows) found.set(`${table}/${id}`, `${revision} ${seal}`)
  }
  return found
}
