import type pg from 'pg'
import { addMember } from './people.ts'
import { fakeEnvelope, fakeSeal } from './sealed.ts'

type Db = Pick<pg.ClientBase, 'query'>

/** Rows that random operations choose from; told to read them again when a commit is in doubt. */
interface Known {
  readonly accounts: Map<string, { workspace: string }>
  readonly transactions: Map<string, { workspace: string }>
  readonly memberships: Map<string, { workspace: string; person: string }>
}

/** How often each kind of operation comes. */
const weights = {
  insertTransaction: 25,
  insertAccount: 4,
  insertCategory: 2,
  changeSettings: 2,
  touchTransaction: 20,
  rewriteNote: 6,
  deleteTransaction: 12,
  moveTransaction: 8,
  renameTransaction: 3,
  manyRows: 7,
  hugeTransaction: 0.3,
  join: 5,
  leave: 4,
  moveMembership: 1,
  changeRole: 1,
  joinWithRows: 1,
  truncateTransactions: 0.2,
  rollBack: 2,
} as const
type OperationName = keyof typeof weights

/** Ends a transaction without a trace. */
export class RolledBack extends Error {}

/** The app's tables under random operations; all chance comes from `random`. */
export class World {
  readonly #random: () => number
  readonly #people: readonly string[]
  readonly #workspaces: readonly string[]
  #known: Known = { accounts: new Map(), transactions: new Map(), memberships: new Map() }

  constructor(random: () => number, people: readonly string[], workspaces: readonly string[]) {
    this.#random = random
    this.#people = people
    this.#workspaces = workspaces
  }

  /** Reads what there is: at the start, and when nobody knows whether a commit came through. */
  async read(db: Db): Promise<void> {
    const rows = async (table: string) => {
      const { rows } = await db.query<{ id: string; workspace_id: string; user_id?: string }>(
        `SELECT * FROM ${table} WHERE workspace_id = ANY ($1) ORDER BY id`,
        [this.#workspaces],
      )
      return rows
    }
    const simple = async (table: string) =>
      new Map((await rows(table)).map((row) => [row.id, { workspace: row.workspace_id }]))
    this.#known = {
      accounts: await simple('accounts_encrypt'),
      transactions: await simple('transactions_encrypt'),
      memberships: new Map(
        (await rows('workspace_memberships')).map((row) => [
          row.id,
          { workspace: row.workspace_id, person: row.user_id ?? '' },
        ]),
      ),
    }
  }

  /** One random operation, inside a transaction that the caller commits. */
  async operate(db: Db): Promise<void> {
    await this[this.#chooseOperation()](db)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[Math.floor(this.#random() * from.length)]
    if (chosen === undefined) throw new Error('There is nothing to choose from')
    return chosen
  }

  /** An account as a client or the server inserts it. */
  accountRow(workspace: string): Record<string, string | number | null> {
    return {
      id: this.#uuid(),
      workspace_id: workspace,
      created_at: 1_700_000_000_000,
      updated_at: Math.floor(this.#random() * 8_640_000_000_000_000),
      type: this.pick(['checking', 'savings', 'cash']),
      currency: 'EUR',
      sort_order: Math.floor(this.#random() * 2_000_000) - 1_000_000,
      archived_at: this.chance(0.5) ? null : 1_700_000_000_000,
      name: fakeEnvelope(this.#bytes),
      opening_balance: fakeEnvelope(this.#bytes),
      note: fakeEnvelope(this.#bytes),
      revision: 1,
      seal: fakeSeal(this.#bytes),
    }
  }

  #chooseOperation(): OperationName {
    const names = Object.keys(weights) as OperationName[]
    const sum = names.reduce((total, name) => total + weights[name], 0)
    let at = this.#random() * sum
    return names.find((name) => (at -= weights[name]) < 0) ?? 'insertTransaction'
  }

  async insertAccount(db: Db, workspace = this.pick(this.#workspaces)): Promise<string> {
    const row = this.accountRow(workspace)
    const id = String(row['id'])
    await insert(db, 'accounts_encrypt', row)
    this.#known.accounts.set(id, { workspace })
    return id
  }

  async insertCategory(db: Db): Promise<void> {
    const {
      type: _,
      currency: __,
      opening_balance: ___,
      note: ____,
      ...common
    } = this.accountRow(this.pick(this.#workspaces))
    await insert(db, 'categories_encrypt', {
      ...common,
      parent_id: null,
      kind: 'expense',
      icon: fakeEnvelope(this.#bytes),
      colour: fakeEnvelope(this.#bytes),
    })
  }

  async changeSettings(db: Db): Promise<void> {
    const workspace = this.pick(this.#workspaces)
    await db.query(
      `INSERT INTO workspace_settings_encrypt AS settings
         (id, workspace_id, created_at, updated_at, currency, name, revision, seal)
       VALUES ($1, $1, 0, 0, 'EUR', $2, 1, $3)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, revision = settings.revision + 1`,
      [workspace, fakeEnvelope(this.#bytes), fakeSeal(this.#bytes)],
    )
  }

  async insertTransaction(db: Db, workspace = this.pick(this.#workspaces)): Promise<void> {
    const id = this.#uuid()
    await insert(db, 'transactions_encrypt', {
      id,
      workspace_id: workspace,
      created_at: 1_700_000_000_000,
      updated_at: 1_700_000_000_000,
      account_id: await this.#accountOf(db, workspace),
      kind: 'expense',
      occurred_on: '2024-02-29',
      status: 'pending',
      amount: fakeEnvelope(this.#bytes),
      payee: fakeEnvelope(this.#bytes),
      note: this.#note(),
      revision: 1,
      seal: fakeSeal(this.#bytes),
    })
    this.#known.transactions.set(id, { workspace })
  }

  /** Leaves the note as it is: a long one lies outside the row and is not in the log then. */
  async touchTransaction(db: Db): Promise<void> {
    await this.#withTransaction((id) =>
      db.query(
        `UPDATE transactions_encrypt
            SET status = $2, updated_at = updated_at + 1, revision = revision + 1 WHERE id = $1`,
        [id, this.pick(['pending', 'cleared'])],
      ),
    )
  }

  async rewriteNote(db: Db): Promise<void> {
    await this.#withTransaction((id) =>
      db.query('UPDATE transactions_encrypt SET note = $2 WHERE id = $1', [id, this.#note()]),
    )
  }

  async deleteTransaction(db: Db): Promise<void> {
    await this.#withTransaction(async (id) => {
      await db.query('DELETE FROM transactions_encrypt WHERE id = $1', [id])
      this.#known.transactions.delete(id)
    })
  }

  async moveTransaction(db: Db): Promise<void> {
    await this.#withTransaction(async (id) => {
      const workspace = this.pick(this.#workspaces)
      await db.query(
        'UPDATE transactions_encrypt SET workspace_id = $2, account_id = $3 WHERE id = $1',
        [id, workspace, await this.#accountOf(db, workspace)],
      )
      this.#known.transactions.set(id, { workspace })
    })
  }

  async renameTransaction(db: Db): Promise<void> {
    await this.#withTransaction(async (id, known) => {
      const other = this.#uuid()
      await db.query('UPDATE transactions_encrypt SET id = $2 WHERE id = $1', [id, other])
      this.#known.transactions.delete(id)
      this.#known.transactions.set(other, known)
    })
  }

  async manyRows(db: Db): Promise<void> {
    const changes = ['insertTransaction', 'touchTransaction', 'deleteTransaction'] as const
    const rest = ['moveTransaction', 'renameTransaction', 'insertAccount'] as const
    for (let count = 2 + Math.floor(this.#random() * 20); count > 0; count--) {
      await this[this.chance(0.8) ? this.pick(changes) : this.pick(rest)](db)
    }
  }

  /** Rows that come, change and mostly go again: more than one slice of the engine's. */
  async hugeTransaction(db: Db): Promise<void> {
    const workspace = this.pick(this.#workspaces)
    const account = await this.#accountOf(db, workspace)
    const mark = Math.floor(this.#random() * 1_000_000_000)
    await db.query(
      `INSERT INTO transactions_encrypt (id, workspace_id, created_at, updated_at, account_id, kind,
                                         occurred_on, status, amount, payee, note, revision, seal)
       SELECT md5($2::bigint || '/' || n)::uuid, $1, $2::bigint, 0, $3, 'income',
              '2024-03-01', 'pending', $4, $4, $4, 1, $5
         FROM generate_series(1, 1200) n`,
      [workspace, mark, account, fakeEnvelope(this.#bytes), fakeSeal(this.#bytes)],
    )
    await db.query(
      `UPDATE transactions_encrypt SET status = 'cleared' WHERE workspace_id = $1 AND created_at = $2::bigint`,
      [workspace, mark],
    )
    await db.query(
      `DELETE FROM transactions_encrypt WHERE created_at = $2::bigint AND id NOT IN (
         SELECT id FROM transactions_encrypt WHERE created_at = $2::bigint ORDER BY id LIMIT 20) AND workspace_id = $1`,
      [workspace, mark],
    )
    await this.read(db)
  }

  async join(db: Db): Promise<void> {
    const [person, workspace] = [this.pick(this.#people), this.pick(this.#workspaces)]
    const isMember = [...this.#known.memberships.values()].some(
      (known) => known.person === person && known.workspace === workspace,
    )
    if (isMember) return
    const id = await addMember(db, workspace, person, this.#uuid())
    this.#known.memberships.set(id, { workspace, person })
  }

  async leave(db: Db): Promise<void> {
    const ids = [...this.#known.memberships.keys()]
    if (ids.length <= this.#people.length) return // everybody seeing nothing proves little
    const id = this.pick(ids)
    await db.query('DELETE FROM workspace_memberships WHERE id = $1', [id])
    this.#known.memberships.delete(id)
  }

  async moveMembership(db: Db): Promise<void> {
    const [id, { person }] = this.pick([...this.#known.memberships])
    const workspace = this.pick(this.#workspaces)
    const { rowCount } = await db.query(
      `UPDATE workspace_memberships SET workspace_id = $2 WHERE id = $1 AND NOT EXISTS
         (SELECT 1 FROM workspace_memberships WHERE workspace_id = $2 AND user_id = $3)`,
      [id, workspace, person],
    )
    if (rowCount) this.#known.memberships.set(id, { workspace, person })
  }

  async changeRole(db: Db): Promise<void> {
    const [id] = this.pick([...this.#known.memberships])
    await db.query('UPDATE workspace_memberships SET role = $2 WHERE id = $1', [
      id,
      this.pick(['editor', 'viewer']),
    ])
  }

  async joinWithRows(db: Db): Promise<void> {
    await this.insertTransaction(db)
    await this.leave(db)
    await this.join(db)
    await this.insertTransaction(db)
  }

  async truncateTransactions(db: Db): Promise<void> {
    await db.query('TRUNCATE transactions_encrypt CASCADE')
    this.#known.transactions.clear()
  }

  async rollBack(db: Db): Promise<void> {
    await this.manyRows(db)
    throw new RolledBack()
  }

  async #withTransaction(
    change: (id: string, known: { workspace: string }) => Promise<unknown>,
  ): Promise<void> {
    const all = [...this.#known.transactions]
    if (all.length === 0) return
    const [id, known] = this.pick(all)
    await change(id, known)
  }

  async #accountOf(db: Db, workspace: string): Promise<string> {
    const here = [...this.#known.accounts].filter(([, account]) => account.workspace === workspace)
    return here.length > 0 ? this.pick(here)[0] : this.insertAccount(db, workspace)
  }

  /** Mostly short; a long one does not compress and so is stored outside the row. */
  #note(): string {
    const isLong = this.chance(0.1)
    return fakeEnvelope(this.#bytes, isLong ? 3_200 + 16 * Math.floor(this.#random() * 300) : 32)
  }

  readonly #bytes = (length: number): Buffer =>
    Buffer.from(Array.from({ length }, () => Math.floor(this.#random() * 256)))

  #uuid(): string {
    const hex = this.#bytes(16).toString('hex')
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5')
  }
}

export async function insert(
  db: Db,
  table: string,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  await db.query(
    `INSERT INTO ${table} SELECT * FROM json_populate_record(NULL::${table}, $1)
       ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(row)],
  )
}
