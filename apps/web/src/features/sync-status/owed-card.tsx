import { useState } from 'react'
import type { OwedChoice } from '@sealbook/crypto-router'
import { useDatabase } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { useToast } from '../../ui/toast.tsx'
import { owedWords } from './owed-words.ts'
import { decideOwing, undecideOwing } from './problem-commands.ts'
import { differencesOf, type ValueWords } from './problem-differences.ts'
import { ProblemCard } from './problem-card.tsx'
import type { OwedCause, Problem } from './problem-sentence.ts'
import { VersionTable } from './version-table.tsx'

/** A row of which the server's answer is not followed: what is here, what is there, and whose stays. */
export function OwedCard({
  problem,
  cause,
  words,
  onSettled,
}: {
  problem: Problem
  cause: OwedCause
  words: ValueWords
  onSettled: () => Promise<void>
}) {
  const db = useDatabase()
  const toast = useToast()
  const [pending, setPending] = useState<OwedChoice | null>(null)
  const { table, mine, theirs, rowId } = problem
  const differences = differencesOf(table, mine, theirs, words)
  const decide = async (choice: OwedChoice) => {
    setPending(choice)
    await decideOwing(db, cause, rowId, choice)
    const undo = () => void undecideOwing(db, cause, rowId).then(onSettled)
    toast({
      title: owedWords(cause.owed, choice).chosen,
      ...(choice === 'theirs' ? { action: { label: 'Undo', onAction: undo } } : {}),
    })
    await onSettled()
    setPending(null)
  }
  return (
    <ProblemCard problem={problem} words={words}>
      {differences.length > 0 && (
        <VersionTable
          headings={[{ title: 'Here' }, { title: 'On the server' }]}
          rows={differences.map(({ label, mine, theirs }) => ({ label, values: [mine, theirs] }))}
        />
      )}
      <div className="mt-5 flex flex-wrap gap-2.5">
        <Button
          variant="primary"
          isPending={pending === 'mine'}
          isDisabled={pending === 'theirs'}
          onPress={() => void decide('mine')}
        >
          {owedWords(cause.owed, 'mine').choose}
        </Button>
        <Button
          isPending={pending === 'theirs'}
          isDisabled={pending === 'mine'}
          onPress={() => void decide('theirs')}
        >
          {owedWords(cause.owed, 'theirs').choose}
        </Button>
      </div>
    </ProblemCard>
  )
}
