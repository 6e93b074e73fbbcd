import { useState } from 'react'
import type { Choice } from '@sealbook/crypto-router'
import { useDatabase } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { useToast } from '../../ui/toast.tsx'
import { canKeepBoth, decideClash, undecideClash } from './problem-commands.ts'
import { choiceWords, decidedWords } from './decision-words.ts'
import {
  differencesOf,
  disputeOf,
  type Difference,
  type ValueWords,
} from './problem-differences.ts'
import { ProblemCard } from './problem-card.tsx'
import { makerWords, type ClashCause, type Problem, type Version } from './problem-sentence.ts'
import { agoWords } from '../../ui/ago-words.ts'
import { VersionTable, type VersionHeading, type VersionRow } from './version-table.tsx'

interface ClashProps {
  readonly problem: Problem
  readonly cause: ClashCause
  readonly words: ValueWords
  readonly onSettled: () => Promise<void>
}

type Decide = (choice: Choice, fields?: readonly string[]) => void

/** Two versions of a row, or of some of its fields, between which the person chooses. */
export function ClashCard(props: ClashProps) {
  const { problem, cause, words } = props
  const { decide, isPending } = useDecision(props)
  const { mine, theirs } = problem
  const [nowMs] = useState(() => Date.now())
  const disputed = cause.fields.flat()
  const isDeletion = mine === null || theirs === null
  const differences = isDeletion
    ? differencesOf(problem.table, mine ?? theirs, problem.base, words)
    : disputeOf(problem, cause, words)
  const headings: readonly [VersionHeading, VersionHeading] = isDeletion
    ? [{ title: 'Changed to' }, { title: 'Before' }]
    : [
        { title: 'Mine', detail: `This device, ${changedWords(mine, nowMs)}` },
        { title: 'Theirs', detail: `${makerWords(cause.madeBy)}, ${changedWords(theirs, nowMs)}` },
      ]
  const rows =
    cause.fields.length > 1
      ? withActions(problem, cause, differences, decide)
      : differences.map(toRow)
  return (
    <ProblemCard problem={problem} words={words}>
      {rows.length > 0 && <VersionTable headings={headings} rows={rows} />}
      <div className="mt-5 flex flex-wrap gap-2.5">
        <Button variant="primary" isPending={isPending} onPress={() => decide('mine')}>
          {choiceWords(problem, 'mine')}
        </Button>
        <Button isDisabled={isPending} onPress={() => decide('theirs')}>
          {choiceWords(problem, 'theirs')}
        </Button>
        {canKeepBoth(problem, cause, disputed) && (
          <Button isDisabled={isPending} onPress={() => decide('both')}>
            {choiceWords(problem, 'both')}
          </Button>
        )}
      </div>
    </ProblemCard>
  )
}

function useDecision({ problem, cause, onSettled }: ClashProps) {
  const db = useDatabase()
  const toast = useToast()
  const [isPending, setPending] = useState(false)
  const decide: Decide = (choice, fields) => {
    const carryOut = async () => {
      setPending(true)
      await decideClash(db, cause, choice, fields)
      // Part of a conflict is a conflict of its own once it is decided: the list below has its Undo.
      const undo = { label: 'Undo', onAction: () => void undecideClash(db, cause).then(onSettled) }
      toast({
        title: decidedWords(problem, choice),
        ...(fields === undefined ? { action: undo } : {}),
      })
      await onSettled()
      setPending(false)
    }
    void carryOut()
  }
  return { decide, isPending }
}

/** Each field can be decided alone; its buttons stand under the last of its values. */
function withActions(
  problem: Problem,
  cause: ClashCause,
  differences: readonly Difference[],
  decide: Decide,
): readonly VersionRow[] {
  const groups = cause.fields.map((field) => ({
    field,
    rows: differences.filter(({ column }) => field.includes(column)),
  }))
  return groups.flatMap(({ field, rows }) =>
    rows.map((difference, index) => {
      if (index < rows.length - 1) return toRow(difference)
      const name = rows.map(({ label }) => label).join(' and ')
      const keep = (choice: Choice, label: string) => (
        <Button
          size="sm"
          aria-label={`${label}: ${name}`}
          onPress={() => decide(choice, field)}
          className="mr-2 mb-2"
        >
          {label}
        </Button>
      )
      const both = canKeepBoth(problem, cause, field) && keep('both', 'Keep both')
      return {
        ...toRow(difference),
        actions: [
          keep('mine', 'Keep mine'),
          <>
            {keep('theirs', 'Keep theirs')}
            {both}
          </>,
        ] as const,
      }
    }),
  )
}

function toRow({ label, mine, theirs }: Difference): VersionRow {
  return { label, values: [mine, theirs] }
}

/** When a version was made, by the clock of the device that made it. */
function changedWords(version: Version, nowMs: number): string {
  return agoWords(Number(version['updated_at'] ?? nowMs), nowMs)
}
