import { useState, type ReactNode } from 'react'
import { Badge, Card } from '../../ui/surface.tsx'
import { factsOf, type ValueWords } from './problem-differences.ts'
import { problemSentence, problemTitle, type Problem } from './problem-sentence.ts'
import { agoWords } from '../../ui/ago-words.ts'

/** What tests find it by. */
function kindOf({ cause }: Problem): string {
  return cause.kind === 'owed' ? cause.owed : cause.kind
}

/** The frame of one problem: what it is about, what happened, and then what can be done. */
export function ProblemCard({
  problem,
  words,
  advice,
  children,
}: {
  problem: Problem
  words: ValueWords
  /** What the person can do, where the buttons do not say it. */
  advice?: string
  children?: ReactNode
}) {
  const [nowMs] = useState(() => Date.now())
  const title = problemTitle(problem)
  const facts = factsOf(problem, words)
  return (
    <Card>
      <section aria-label={title} data-problem={kindOf(problem)}>
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <h2 className="min-w-0 text-md font-semibold break-words">{title}</h2>
          {problem.cause.kind === 'fault' ? (
            <Badge tone="warning">Set aside</Badge>
          ) : (
            <span className="text-sm text-ink-faint">{agoWords(problem.at, nowMs)}</span>
          )}
        </div>
        {facts.length > 0 && (
          <p className="mt-0.5 text-sm text-ink-faint tabular-nums">{facts.join(' · ')}</p>
        )}
        <p className="mt-2 text-ink-soft">{problemSentence(problem)}</p>
        {advice !== undefined && <p className="mt-1 text-ink-soft">{advice}</p>}
        {children}
      </section>
    </Card>
  )
}
