import { LinkButton } from '../../ui/button.tsx'
import { ProblemCard } from './problem-card.tsx'
import type { ValueWords } from './problem-differences.ts'
import type { Problem } from './problem-sentence.ts'

/** A version that cannot be used. Diagnostics show the row on its whole way, and can repair it. */
export function FaultCard({ problem, words }: { problem: Problem; words: ValueWords }) {
  const { table, rowId } = problem
  const search = new URLSearchParams({ table, id: rowId })
  return (
    <ProblemCard problem={problem} words={words}>
      <div className="mt-5 flex flex-wrap gap-2.5">
        <LinkButton href={`/diagnostics?${search}`}>Look at it in diagnostics</LinkButton>
      </div>
    </ProblemCard>
  )
}
