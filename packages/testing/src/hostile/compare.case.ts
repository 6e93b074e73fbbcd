import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTransactions } from '../browser/ledger.ts'
import { changed, made, type Json } from './answer-lies.ts'
import type { AnswerLie, Asked } from './lying-proxy.ts'
import {
  expectKept,
  expectListed,
  expectNothingSent,
  expectState,
  expectWorks,
  note,
} from './promises.ts'
import { openScene, useStage, type Scene } from './stage.ts'

const digestsPath = /\/tables\/[^/]+\/digests$/
const rowsPath = /\/tables\/[^/]+\/rows$/

type Row = Json & { readonly id: string }
interface Rows {
  readonly rows: readonly Row[]
  readonly deleted: readonly Json[]
  readonly next: string | null
}

/** Every slice differs, so that the rows are asked for. */
const falseDigests = changed(digestsPath, (body) => ({
  slices: (body['slices'] as readonly Json[]).map((slice) => ({
    ...slice,
    digest: 'f'.repeat(64),
  })),
}))

const both =
  (first: AnswerLie, second: AnswerLie): AnswerLie =>
  (asked, ask) =>
    first(asked, ask) ?? second(asked, ask)

const falseRows = (change: (answer: Rows, asked: Asked) => unknown): AnswerLie =>
  both(
    falseDigests,
    changed(rowsPath, (body, asked) => change(body as unknown as Rows, asked)),
  )

const eachRow = (change: (row: Row, rows: readonly Row[]) => Json) =>
  falseRows((answer) => ({ ...answer, rows: answer.rows.map((row) => change(row, answer.rows)) }))

interface CompareLie {
  readonly name: string
  readonly answer: AnswerLie
  /** What the comparison ends with. */
  readonly says: RegExp
  /** What "Repair all" says that it did, where there is something to repair. */
  readonly repairs?: RegExp
  /** The repair sends the rows again, as the person who presses it is told. */
  readonly sends?: true
}

const unasked = /Only this device was compared with itself/
const differs = /\d+ rows? differs?/
const notSealed = /what the server holds is not what a member sealed/i

const lies: readonly CompareLie[] = [
  { name: 'false digests of true rows', answer: falseDigests, says: /Nothing differs/ },
  {
    name: 'no digests',
    answer: made(digestsPath, () => ({ status: 200, body: { slices: [] } })),
    says: /Nothing differs/,
  },
  {
    name: 'digests that are none',
    answer: made(digestsPath, () => ({ status: 200, body: { slices: [null] } })),
    says: unasked,
  },
  {
    name: 'a hotel’s page',
    answer: made(digestsPath, () => ({ status: 200, body: '<html>Welcome' })),
    says: unasked,
  },
  { name: '500', answer: made(digestsPath, () => ({ status: 500, body: '' })), says: unasked },
  {
    name: 'rows that are none',
    answer: falseRows(() => ({ rows: [null], deleted: [null], next: 7 })),
    says: unasked,
  },
  {
    name: 'pages without end',
    answer: falseRows((answer) => ({ ...answer, next: '00000000-0000-4000-8000-000000000000' })),
    says: unasked,
  },
  {
    name: 'plaintext in a sealed column',
    answer: eachRow((row) => ('payee' in row ? { ...row, payee: 'Made up' } : row)),
    says: differs,
    repairs: notSealed,
  },
  {
    name: 'a visible column changed',
    answer: eachRow((row) => ('occurred_on' in row ? { ...row, occurred_on: '2020-02-29' } : row)),
    says: differs,
    repairs: notSealed,
  },
  {
    name: 'a higher revision of the same cells',
    answer: eachRow((row) => ({ ...row, revision: Number(row['revision']) + 1 })),
    says: differs,
    repairs: notSealed,
  },
  {
    name: 'no seals',
    answer: eachRow((row) => ({ ...row, seal: null })),
    says: differs,
    repairs: notSealed,
  },
  {
    name: 'the cells of one row under every id',
    answer: eachRow((row, rows) => ({ ...rows[0], id: row.id })),
    says: /differs?|Nothing differs/,
  },
  {
    name: 'rows of which nobody knows',
    answer: withMadeUpRows(),
    says: differs,
    repairs: notSealed,
  },
  {
    name: 'no rows, and that they were deleted',
    answer: falseRows((_, asked) => ({
      rows: [],
      deleted: (asked.query.get('ids') ?? '')
        .split(',')
        .filter((id) => id !== '')
        .map((id) => ({ id, revision: 99 })),
      next: null,
    })),
    says: differs,
    repairs: /says that it was deleted, but sync brings no delete/,
  },
  {
    name: 'no rows, and nothing of a delete',
    answer: falseRows(() => ({ rows: [], deleted: [], next: null })),
    says: differs,
    repairs: /sent again/,
    sends: true,
  },
]

/** Beside each row another one, in slices and when asked for by its id. */
function withMadeUpRows(): AnswerLie {
  const madeUp = new Map<string, Row>()
  return falseRows((answer, asked) => {
    for (const row of answer.rows) {
      if (!madeUp.has(row.id)) madeUp.set(otherId(row.id), { ...row, id: otherId(row.id) })
    }
    const ids = asked.query.get('ids')?.split(',') ?? answer.rows.map(({ id }) => otherId(id))
    const added = ids.flatMap((id) => madeUp.get(id) ?? [])
    return { ...answer, rows: [...answer.rows, ...added] }
  })
}

/** Of the same slice. */
function otherId(id: string): string {
  return id.slice(0, 2) + (id[2] === '0' ? '1' : '0') + id.slice(3)
}

/** A guard against what has no end: rows are repaired one by one, and each case leaves two more. */
const patience = { timeout: 120_000 }

describe('"Compare everything" is answered', () => {
  const stage = useStage()
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(stage(), ['Bakery', 'Museum'])
  })
  afterAll(() => scene?.close())

  it.each(lies)(
    'with $name: it comes to an end, and the ledger stays as it was',
    async ({ answer, says, repairs, sends }) => {
      const { ledger, victim } = scene
      const { page } = victim
      const before = await note(ledger, victim)
      victim.liar.lie({ answer })
      await page.keyboard.press('Control+Alt+d')
      await page.getByRole('button', { name: 'Compare everything' }).click()
      const card = page.getByRole('main')
      await card.getByText(says).first().waitFor(patience)
      if (repairs !== undefined) {
        await page.getByRole('button', { name: 'Repair all' }).click()
        await card.getByText(repairs).first().waitFor(patience)
      }
      await expectKept(before, victim)
      await openTransactions(page)
      await expectListed(victim, 'Bakery', '10.00')

      victim.liar.beHonest()
      await expectState(victim, /Up to date/)
      await expectKept(before, victim)
      await expectWorks(before, ledger, victim)
      if (sends) for (const key of before.shown.keys()) before.ordered.add(key.split('/')[1] ?? '')
      await expectNothingSent(before, ledger, victim)
    },
  )

  it('with the truth: nothing differs', async () => {
    const { page, liar } = scene.victim
    liar.beHonest()
    await page.keyboard.press('Control+Alt+d')
    await page.getByRole('button', { name: 'Compare everything' }).click()
    await page.getByText('Nothing differs').waitFor()
    expect(await page.getByText(/differs/).count()).toBe(1)
  })
})
