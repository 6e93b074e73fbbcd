import type { HonestLedger } from './honest-ledger.ts'
import type { MadeUpOp, Op, SealedRow, StreamTeller } from './stream-teller.ts'

/** The table whose rows are lied about: the largest, and the one that every screen sums up. */
export const target = 'transactions_encrypt'

/** What the liar tells of a row instead of its newest version. */
export interface RowLie {
  readonly name: string
  /** What the problem of the row says. */
  readonly words: RegExp
  tell(given: {
    /** The row as the server has it now. */
    readonly row: SealedRow
    readonly id: string
    readonly told: StreamTeller
    /** Another row of the same table, which is left in peace. */
    readonly other: SealedRow
    readonly ledger: HonestLedger
  }): SealedRow
}

const notProven = /does not prove to be/
const unknownForm =
  /names a key or a form unknown to this app: from a newer app, or changed on the way/

export const rowLies: readonly RowLie[] = [
  {
    name: 'two rows’ envelopes swapped',
    words: notProven,
    tell: ({ row, other }) => ({
      ...row,
      amount: cell(other, 'amount'),
      payee: cell(other, 'payee'),
    }),
  },
  {
    name: 'a whole other row under this id',
    words: notProven,
    tell: ({ row, other }) => ({ ...other, id: cell(row, 'id') }),
  },
  {
    name: 'an older amount in a newer revision',
    words: notProven,
    tell: ({ row, id, told }) => ({
      ...row,
      amount: cell(told.versions(target, id)[0] ?? {}, 'amount'),
    }),
  },
  {
    name: 'the seal of one revision on the cells of another',
    words: notProven,
    tell: ({ row, id, told }) => ({ ...told.versions(target, id)[0], seal: cell(row, 'seal') }),
  },
  {
    name: 'an older revision again',
    words: notProven,
    tell: ({ id, told }) => told.versions(target, id)[0] ?? {},
  },
  {
    name: 'an older revision under a higher number',
    words: notProven,
    tell: ({ row, id, told }) => ({
      ...told.versions(target, id)[0],
      revision: Number(row['revision']) + 1,
    }),
  },
  {
    name: 'plaintext in a sealed column',
    words: notProven,
    tell: ({ row }) => ({ ...row, payee: 'Made up' }),
  },
  {
    name: 'plaintext in every sealed column',
    words: notProven,
    tell: ({ row }) => ({ ...row, payee: 'Made up', note: 'Made up', amount: -999_999 }),
  },
  {
    name: 'a sealed column left out',
    words: notProven,
    tell: ({ row }) => ({ ...row, note: null }),
  },
  {
    name: 'another day',
    words: notProven,
    tell: ({ row }) => ({ ...row, occurred_on: '2020-02-29' }),
  },
  {
    name: 'another kind, so that the sign turns',
    words: notProven,
    tell: ({ row }) => ({ ...row, kind: 'income' }),
  },
  {
    name: 'another author',
    words: notProven,
    tell: ({ row }) => ({ ...row, author_id: '00000000-0000-4000-8000-000000000000' }),
  },
  {
    name: 'one flipped bit of an envelope',
    words: notProven,
    tell: ({ row }) => ({ ...row, amount: flip(text(row, 'amount'), 60) }),
  },
  {
    name: 'one flipped bit of the seal',
    words: notProven,
    tell: ({ row }) => ({ ...row, seal: flip(text(row, 'seal'), 30) }),
  },
  {
    name: 'no seal',
    words: notProven,
    tell: ({ row }) => ({ ...row, seal: null }),
  },
  {
    name: 'a revision that is no number',
    words: notProven,
    tell: ({ row }) => ({ ...row, revision: 'next' }),
  },
  {
    name: 'an unknown version of the seal',
    words: unknownForm,
    tell: ({ row }) => ({ ...row, seal: `f${text(row, 'seal').slice(1)}` }),
  },
  {
    name: 'an unknown version of the envelope',
    words: notProven,
    tell: ({ row }) => ({ ...row, amount: `f${text(row, 'amount').slice(1)}` }),
  },
  {
    name: 'a key version that nobody has',
    words: unknownForm,
    tell: ({ row }) => ({ ...row, seal: withKeyVersion(text(row, 'seal'), 1, 7) }),
  },
  {
    name: 'another workspace',
    words: /key has not arrived|does not prove/,
    tell: ({ row }) => ({ ...row, workspace_id: '00000000-0000-4000-8000-000000000001' }),
  },
  {
    name: 'no workspace',
    words: notProven,
    tell: ({ row }) => ({ ...row, workspace_id: null }),
  },
]

/** Of a PUT of that row, the lie; of all else, the truth. */
export function lieAbout(
  lie: RowLie,
  id: string,
  other: string,
  ledger: HonestLedger,
): (op: Op, row: SealedRow | null, told: StreamTeller) => readonly MadeUpOp[] | undefined {
  return (op, row, told) => {
    if (op.object_type !== target || op.object_id !== id || row === null) return undefined
    const others = told.versions(target, other)
    const made = lie.tell({ row, id, told, other: others.at(-1) ?? {}, ledger })
    return [told.put(target, id, { ...made, id })]
  }
}

function cell(row: SealedRow, name: string): string | number | null {
  return row[name] ?? null
}

function text(row: SealedRow, name: string): string {
  return String(row[name])
}

/** Another character of the same alphabet in one place. */
function flip(base64url: string, at: number): string {
  const changed = base64url[at] === 'A' ? 'B' : 'A'
  return base64url.slice(0, at) + changed + base64url.slice(at + 1)
}

function withKeyVersion(base64url: string, offset: number, keyVersion: number): string {
  const bytes = Buffer.from(base64url, 'base64url')
  bytes.writeUInt32BE(keyVersion, offset)
  return bytes.toString('base64url')
}
