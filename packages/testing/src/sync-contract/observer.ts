import { createHash } from 'node:crypto'
import type pg from 'pg'
import { readVersion } from './clock.ts'
import type { SyncClient } from './client.ts'
import { heldRows, type Rows } from './rows.ts'
import { trackedTables } from './tables.ts'

/** Rows' digests by `table/id`. */
type Digests = ReadonlyMap<string, string>

/** What a client held after one checkpoint. */
interface Observation {
  readonly rows: Rows
  readonly digests: Digests
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
/** Versions asked for in one query when the client's rows do not say theirs: mostly few are needed. */
const firstSearchStep = 4n
const longestSearchStep = 64n

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
  async observe(db: Pick<SyncClient['db'], 'getAll'>): Promise<void> {
    const before = new Map([...this.ownWrites].map(([key, write]) => [key, { ...write }]))
    const rows = await heldRows(db, trackedTables)
    // One that came while the rows were read may be among them or not.
    const ownWrites = [...this.ownWrites.keys()].map(
      (key) => before.get(key) ?? { key, isWritten: false, committed: null },
    )
    this.#shown = versionOf(rows)
    const digests = new Map(
      [...rows].map(([key, row]) => [key, digest(key.slice(key.indexOf('/') + 1), row)]),
    )
    this.#waiting.push({ rows, digests, ownWrites })
  }

  /** Takes back what was observed and not checked yet. */
  forget(): void {
    this.#waiting = []
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
      throw new Error(
        `${this.#name} at version ${shown}:\n${await this.#describe(shown, problems)}`,
      )
    }
    this.version = shown
  }

  async #search(observation: Observation): Promise<void> {
    const last = await readVersion(this.#pool)
    let closest: { version: bigint; problems: string[] } | null = null
    let step = firstSearchStep
    let to: bigint
    for (let from = this.version; from <= last; from = to + 1n) {
      to = from + step - 1n < last ? from + step - 1n : last
      if (step < longestSearchStep) step *= 2n
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
        `closest is ${closest?.version}:\n` +
        (closest ? await this.#describe(closest.version, closest.problems) : ''),
    )
  }

  /** Keys of rows that are not as they should be; values are looked at only where they differ. */
  #problems(
    { rows, digests, ownWrites }: Observation,
    version: bigint,
    expected: Digests,
  ): string[] {
    const open = ownWrites.filter(({ committed }) => committed === null || version < committed)
    const lost = open.filter(({ key, isWritten }) => isWritten && !rows.has(key))
    const skipped = new Set([clockKey, ...open.map(({ key }) => key)])
    const keys = new Set([...expected.keys(), ...digests.keys()])
    const differing = [...keys].filter(
      (key) => !skipped.has(key) && expected.get(key) !== digests.get(key),
    )
    return [
      ...lost.map(({ key, committed }) => `${key}: its own write (${committed}) is gone too early`),
      ...differing.map((key) => `${key}: held as ${JSON.stringify(rows.get(key))?.slice(0, 500)}`),
    ]
  }

  /** What the person may hold at each of the versions, as SQL says. */
  async #expected(from: bigint, to: bigint): Promise<Digests[]> {
    const { rows } = await this.#pool.query<{ offset: number; key: string; digest: string }>(
      `SELECT (version - $2)::int AS offset, of.table_name || '/' || of.row_id AS key, of.digest
         FROM generate_series($2::bigint, $3::bigint) version,
              LATERAL contract_rows_at($1, version) of`,
      [this.#name, from, to],
    )
    const expected = Array.from({ length: Number(to - from) + 1 }, () => new Map<string, string>())
    for (const { offset, key, digest } of rows) expected[offset]?.set(key, digest)
    return expected
  }

  async #describe(version: bigint, problems: readonly string[]): Promise<string> {
    const keys = problems.map((problem) => problem.slice(0, problem.indexOf(':')))
    const { rows } = await this.#pool.query<{ text: string }>(
      `SELECT key || ': Postgres has ' || left(texts::text, 500) AS text
         FROM (SELECT table_name || '/' || row_id AS key, texts FROM contract_rows_at($1, $2)) r
        WHERE key = ANY ($3)`,
      [this.#name, version, keys],
    )
    return [...problems.slice(0, 8), ...rows.slice(0, 8).map(({ text }) => text)].join('\n')
  }
}

function versionOf(rows: Rows): bigint | null {
  const version = rows.get(clockKey)?.['version']
  return version ? BigInt(version) : null
}

/** As contract_track computes it. */
function digest(id: string, row: Readonly<Record<string, string | null>>): string {
  const values = Object.entries({ ...row, id })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([column, value]) => (value === null ? column : `${column}=${value}`))
  return createHash('md5').update(values.join('\n')).digest('hex')
}
