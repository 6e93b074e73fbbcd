import type pg from 'pg'
import { readVersion } from './clock.ts'
import type { SyncClient } from './client.ts'
import { difference, heldRows, type Rows } from './rows.ts'
import { trackedTables } from './tables.ts'

/** What a client held after one checkpoint. */
interface Observation {
  readonly rows: Rows
  /** Its own writes that the server may not have sent back yet. */
  readonly ownWrites: readonly OwnWrite[]
}

/** A row that the client itself inserted. */
export interface OwnWrite {
  readonly key: string
  /** Is it in the client's database? */
  isWritten: boolean
  /** The version in which it was uploaded; null until then. */
  committed: bigint | null
}

const clockKey = 'contract_clock/clock'
/** Versions asked for in one query when the client's rows do not say theirs. */
const searchStep = 16n

/**
 * Checks, for every checkpoint that a client applied, that its rows are exactly those which it may
 * hold at one single committed version, and that versions never go back. A client that sees the
 * clock says the version itself; for the others one is searched for.
 */
export class Observer {
  /** Checkpoints found right. */
  checked = 0
  readonly ownWrites = new Map<string, OwnWrite>()
  /** The version of the last checkpoint that was checked. */
  version = 0n
  readonly #pool: pg.Pool
  readonly #name: string
  #waiting: Observation[] = []

  constructor(pool: pg.Pool, name: string) {
    this.#pool = pool
    this.#name = name
  }

  /** The version that the client shows now; null for one that does not see the clock. */
  get shown(): bigint | null {
    return this.#shown
  }
  #shown: bigint | null = null

  /** Takes a copy of what the client holds. Needs no server. */
  async observe(db: SyncClient['db']): Promise<void> {
    const ownWrites = [...this.ownWrites.values()].map((write) => ({ ...write }))
    const rows = await heldRows(db, trackedTables)
    this.#shown = versionOf(rows)
    this.#waiting.push({ rows, ownWrites })
  }

  /** Checks what was observed so far. @throws when a checkpoint was never true. */
  async check(): Promise<void> {
    while (this.#waiting.length > 0) {
      const observation = this.#waiting[0]
      if (!observation) return
      await this.#checkOne(observation)
      this.#waiting.shift() // only now: a lost connection leaves it to be checked again
      this.checked += 1
    }
  }

  async #checkOne(observation: Observation): Promise<void> {
    const shown = versionOf(observation.rows)
    if (shown === null) return this.#search(observation)
    if (shown < this.version) {
      throw new Error(`${this.#name} went back from version ${this.version} to ${shown}`)
    }
    const [expected] = await this.#expected(shown, shown)
    const problems = this.#problems(observation, shown, expected ?? new Map())
    if (problems.length > 0) {
      throw new Error(`${this.#name} at version ${shown}:\n${problems.join('\n')}`)
    }
    this.version = shown
  }

  async #search(observation: Observation): Promise<void> {
    const last = await readVersion(this.#pool)
    let closest: { version: bigint; problems: string[] } | null = null
    for (let from = this.version; from <= last; from += searchStep) {
      const to = from + searchStep - 1n < last ? from + searchStep - 1n : last
      for (const [offset, expected] of (await this.#expected(from, to)).entries()) {
        const version = from + BigInt(offset)
        const problems = this.#problems(observation, version, expected)
        if (problems.length === 0) {
          this.version = version
          return
        }
        if (!closest || problems.length < closest.problems.length) closest = { version, problems }
      }
    }
    throw new Error(
      `${this.#name} holds what was never true from version ${this.version} to ${last}; ` +
        `closest is ${closest?.version}:\n${closest?.problems.join('\n')}`,
    )
  }

  #problems({ rows, ownWrites }: Observation, version: bigint, expected: Rows): string[] {
    const open = ownWrites.filter(({ committed }) => committed === null || version < committed)
    const lost = open.filter(({ key, isWritten }) => isWritten && !rows.has(key))
    const compared = new Set(open.map(({ key }) => key))
    const without = (all: Rows) =>
      new Map([...all].filter(([key]) => key !== clockKey && !compared.has(key)))
    return [
      ...lost.map(({ key, committed }) => `${key}: its own write (${committed}) is gone too early`),
      ...difference(without(expected), without(rows)),
    ]
  }

  /** What the person may hold at each of the versions, as SQL says. */
  async #expected(from: bigint, to: bigint): Promise<Rows[]> {
    const { rows } = await this.#pool.query<{
      offset: number
      key: string
      row: Record<string, string | null>
    }>(
      `SELECT (version - $2)::int AS offset, of.table_name || '/' || of.row_id AS key, of.texts AS row
         FROM generate_series($2::bigint, $3::bigint) version,
              LATERAL contract_rows_at($1, version) of`,
      [this.#name, from, to],
    )
    const expected = Array.from({ length: Number(to - from) + 1 }, () => new Map<string, Row>())
    for (const { offset, key, row } of rows) expected[offset]?.set(key, inOrder(key, row))
    return expected
  }
}

type Row = Record<string, string | null>

function versionOf(rows: Rows): bigint | null {
  const version = rows.get(clockKey)?.['version']
  return version ? BigInt(version) : null
}

/** The row's columns in the order in which clients' rows have them. */
function inOrder(key: string, row: Row): Row {
  const table = trackedTables.find(({ name }) => key.startsWith(`${name}/`))
  return Object.fromEntries(
    Object.keys(table?.columns ?? {}).map((column) => [column, row[column] ?? null]),
  )
}
