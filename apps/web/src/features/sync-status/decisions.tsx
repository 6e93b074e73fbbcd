import { useState } from 'react'
import { Undo2 } from 'lucide-react'
import { useDatabase } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/surface.tsx'
import { decidedWords } from './decision-words.ts'
import { owedWords } from './owed-words.ts'
import { undecideClash, undecideOwing, undropRefused } from './problem-commands.ts'
import { disputeOf, type ValueWords } from './problem-differences.ts'
import type { Decision } from './problem-queries.ts'
import { problemTitle } from './problem-sentence.ts'
import { agoWords } from '../../ui/ago-words.ts'

/** What was decided lately, each with its way back. */
export function Decisions({
  decisions,
  words,
  onUndone,
}: {
  decisions: readonly Decision[]
  words: ValueWords
  onUndone: () => Promise<void>
}) {
  return (
    <section aria-labelledby="decided" className="mt-8">
      <h2 id="decided" className="mb-3 text-sm font-medium text-ink-soft">
        Decided lately
      </h2>
      <Card flush>
        <ul className="divide-y divide-line">
          {decisions.map((decision) => (
            <li key={decision.problem.key}>
              <DecisionRow decision={decision} words={words} onUndone={onUndone} />
            </li>
          ))}
        </ul>
      </Card>
    </section>
  )
}

function didWords(decision: Decision): string {
  switch (decision.kind) {
    case 'clash':
      return decidedWords(decision.problem, decision.choice)
    case 'dropped':
      return 'My change dropped'
    case 'let-go':
      return owedWords(decision.problem.cause.owed, 'theirs').chosen
  }
}

function takeBack(db: ReturnType<typeof useDatabase>, decision: Decision): Promise<void> {
  switch (decision.kind) {
    case 'clash':
      return undecideClash(db, decision.problem.cause)
    case 'dropped':
      return undropRefused(db, decision.problem.cause.id)
    case 'let-go':
      return undecideOwing(db, decision.problem.cause, decision.problem.rowId)
  }
}

function DecisionRow({
  decision,
  words,
  onUndone,
}: {
  decision: Decision
  words: ValueWords
  onUndone: () => Promise<void>
}) {
  const db = useDatabase()
  const [isPending, setPending] = useState(false)
  const [nowMs] = useState(() => Date.now())
  const { problem, decidedAt } = decision
  const title = problemTitle(problem)
  const what =
    decision.kind === 'clash'
      ? disputeOf(problem, decision.problem.cause, words).map(({ label }) => label)
      : []
  const did = didWords(decision)
  const undo = async () => {
    setPending(true)
    await takeBack(db, decision)
    await onUndone()
    setPending(false)
  }
  return (
    <div className="flex items-center gap-4 px-5 py-3 tab:px-6">
      <div className="min-w-0 grow">
        <p className="font-medium break-words">{title}</p>
        <p className="text-sm text-ink-faint">
          {[...what, did, agoWords(decidedAt, nowMs)].join(' · ')}
        </p>
      </div>
      <Button
        variant="ghost"
        isPending={isPending}
        icon={<Undo2 className="size-4.5" aria-hidden />}
        aria-label={`Undo: ${[title, ...what].join(', ')}`}
        onPress={() => void undo()}
      >
        Undo
      </Button>
    </div>
  )
}
