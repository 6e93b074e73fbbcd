import { useState } from 'react'
import { ShieldCheck } from 'lucide-react'
import { balanceText, deviceLocale } from '../../data/money.ts'
import { useAccounts, useCategories } from '../../data/records.ts'
import { useDatabase } from '../../data/session-context.tsx'
import { agoWords } from '../../ui/ago-words.ts'
import { Button } from '../../ui/button.tsx'
import { Page, PageHeader } from '../../ui/page.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { Badge, Card, EmptyState } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'
import { settleProblem } from './problem-commands.ts'
import { differencesOf, type Difference, type ValueWords } from './problem-differences.ts'
import { isChoice, problemSentence, problemTitle, type Problem } from './problem-sentence.ts'
import { useProblems } from './use-problems.ts'

/** What the server refused, what was changed twice, and rows that cannot be used. */
export function ProblemsScreen() {
  const { problems, reload } = useProblems()
  const words = useValueWords()
  return (
    <Page width="narrow">
      <PageHeader
        title="Problems"
        description="Changes that need your decision. Both versions are kept until you decide."
      />
      {problems === null && (
        <Card>
          <Skeleton className="h-5 w-56" />
          <Skeleton className="mt-3 h-4 w-72" />
        </Card>
      )}
      {problems?.length === 0 && (
        <Card>
          <EmptyState icon={<ShieldCheck aria-hidden />} title="No problems">
            Every change was taken as you made it.
          </EmptyState>
        </Card>
      )}
      <ul className="flex flex-col gap-4">
        {problems?.map((problem) => (
          <li key={problem.key}>
            <ProblemCard problem={problem} words={words} onSettled={reload} />
          </li>
        ))}
      </ul>
    </Page>
  )
}

function ProblemCard({
  problem,
  words,
  onSettled,
}: {
  problem: Problem
  words: ValueWords
  onSettled: () => Promise<void>
}) {
  const db = useDatabase()
  const toast = useToast()
  const [pending, setPending] = useState<'mine' | 'theirs' | null>(null)
  const [nowMs] = useState(() => Date.now())
  const title = problemTitle(problem)
  const hasChoice = isChoice(problem)
  const differences = differencesOf(problem.mine, problem.theirs, words)

  const settle = async (choice: 'mine' | 'theirs') => {
    setPending(choice)
    const settled = await settleProblem(db, problem, choice)
    if (settled === 'not-synced') {
      toast({
        title: 'The other version is still on its way',
        detail: 'Try again once this device is up to date.',
        tone: 'problem',
      })
    }
    await onSettled()
    setPending(null)
  }

  return (
    <Card>
      <section aria-label={title}>
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <h2 className="min-w-0 text-md font-semibold break-words">{title}</h2>
          {problem.cause.kind === 'fault' ? (
            <Badge tone="warning">Set aside</Badge>
          ) : (
            <span className="text-sm text-ink-faint">{agoWords(problem.at, nowMs)}</span>
          )}
        </div>
        <p className="mt-1 text-ink-soft">{problemSentence(problem)}</p>
        {problem.cause.kind !== 'fault' && differences.length > 0 && (
          <DifferenceTable differences={differences} theirs={hasChoice ? 'Theirs' : 'Stored'} />
        )}
        {problem.cause.kind !== 'fault' && (
          <div className="mt-5 flex flex-wrap gap-2.5">
            <Button
              variant="primary"
              isPending={pending === 'mine'}
              onPress={() => void settle('mine')}
            >
              {hasChoice ? 'Keep mine' : 'Try again'}
            </Button>
            <Button isPending={pending === 'theirs'} onPress={() => void settle('theirs')}>
              {hasChoice ? 'Keep theirs' : 'Drop my change'}
            </Button>
          </div>
        )}
      </section>
    </Card>
  )
}

function DifferenceTable({
  differences,
  theirs: heading,
}: {
  differences: readonly Difference[]
  /** Whose the other version is. */
  theirs: string
}) {
  const cell = 'py-2 pr-4 align-top break-words'
  return (
    <table className="mt-4 w-full table-fixed text-left text-sm">
      <thead className="text-ink-faint">
        <tr className="border-b border-line">
          <th className={`${cell} w-1/4 font-medium`} scope="col">
            <span className="sr-only">What</span>
          </th>
          <th className={`${cell} font-medium`} scope="col">
            Mine
          </th>
          <th className={`${cell} font-medium`} scope="col">
            {heading}
          </th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ label, mine, theirs }) => (
          <tr key={label} className="border-b border-line last:border-0">
            <th className={`${cell} font-medium text-ink-soft`} scope="row">
              {label}
            </th>
            <td className={`${cell} font-medium tabular-nums`}>{mine}</td>
            <td className={`${cell} font-medium tabular-nums`}>{theirs}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function useValueWords(): ValueWords {
  const accounts = useAccounts()
  const categories = useCategories()
  return {
    money: (amountMinor, currency) => balanceText(BigInt(amountMinor), currency).text,
    date: (day) =>
      new Intl.DateTimeFormat(deviceLocale(), { dateStyle: 'medium', timeZone: 'UTC' }).format(
        new Date(`${day}T00:00:00Z`),
      ),
    account: (id) => accounts.byId.get(id),
    category: (id) => categories.byId.get(id)?.name,
  }
}
