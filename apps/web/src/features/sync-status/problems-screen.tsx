import { ShieldCheck } from 'lucide-react'
import { keepFocusInList } from '../../ui/list-focus.ts'
import { Page, PageHeader } from '../../ui/page.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { Card, EmptyState } from '../../ui/surface.tsx'
import { BrakeCard } from './brake-card.tsx'
import { ClashCard } from './clash-card.tsx'
import { Decisions } from './decisions.tsx'
import { FaultCard } from './fault-card.tsx'
import { OwedCard } from './owed-card.tsx'
import { OwedGroup } from './owed-group.tsx'
import type { ValueWords } from './problem-differences.ts'
import type { Problem } from './problem-sentence.ts'
import { RefusalCard } from './refusal-card.tsx'
import { UnrulyCard } from './unruly-card.tsx'
import { useInbox } from './use-inbox.ts'
import { useValueWords } from './use-value-words.ts'

/** What was changed twice, what the server refused, and rows that cannot be used. */
export function ProblemsScreen() {
  const { inbox, reload } = useInbox()
  const words = useValueWords()
  return (
    <Page width="narrow">
      <PageHeader
        title="Problems"
        description="What needs your decision. Every version that is listed here stays on this device until you decide."
      />
      {inbox === null && (
        <Card>
          <Skeleton className="h-5 w-56" />
          <Skeleton className="mt-3 h-4 w-72" />
        </Card>
      )}
      {inbox?.problems.length === 0 && inbox.brakes.length === 0 && (
        <Card>
          <EmptyState icon={<ShieldCheck aria-hidden />} title="No problems">
            Nothing needs your decision now.
          </EmptyState>
        </Card>
      )}
      <ul className="flex flex-col gap-4">
        {inbox?.brakes.map((brake) => (
          <li key={`${brake.direction} ${brake.table} ${brake.workspaceId}`} ref={keepFocusInList}>
            <BrakeCard brake={brake} onSettled={reload} />
          </li>
        ))}
        {inbox !== null &&
          owedKinds
            .filter((kind) => inbox.owed[kind] > 1)
            .map((kind) => (
              <li key={kind} ref={keepFocusInList}>
                <OwedGroup
                  kind={kind}
                  count={inbox.owed[kind]}
                  listed={inbox.problems.filter(({ cause }) => isOwed(cause, kind)).length}
                  onSettled={reload}
                />
              </li>
            ))}
        {inbox?.problems.map((problem) => (
          <li key={problem.key} ref={keepFocusInList}>
            <Entry problem={problem} words={words} onSettled={reload} />
          </li>
        ))}
      </ul>
      {inbox !== null && inbox.decisions.length > 0 && (
        <Decisions decisions={inbox.decisions} words={words} onUndone={reload} />
      )}
    </Page>
  )
}

const owedKinds = ['lost', 'returned', 'forked'] as const

function isOwed(cause: Problem['cause'], kind: (typeof owedKinds)[number]): boolean {
  return cause.kind === 'owed' && cause.owed === kind
}

function Entry(props: { problem: Problem; words: ValueWords; onSettled: () => Promise<void> }) {
  const { cause } = props.problem
  switch (cause.kind) {
    case 'clash':
      return <ClashCard {...props} cause={cause} />
    case 'refusal':
      return <RefusalCard {...props} refusal={cause} />
    case 'unruly':
    case 'misfit':
      return <UnrulyCard {...props} />
    case 'owed':
      return <OwedCard {...props} cause={cause} />
    case 'fault':
      return <FaultCard problem={props.problem} words={props.words} />
  }
}
