import { useState } from 'react'
import { useDatabase } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { useToast } from '../../ui/toast.tsx'
import { dropRefused, retryRefused } from './problem-commands.ts'
import { differencesOf, type ValueWords } from './problem-differences.ts'
import { ProblemCard } from './problem-card.tsx'
import { refusalAdvice, type Problem } from './problem-sentence.ts'
import { VersionTable } from './version-table.tsx'

/** A change that the server did not take: kept as the person made it, to be tried again or dropped. */
export function RefusalCard({
  problem,
  refusal,
  words,
  onSettled,
}: {
  problem: Problem
  refusal: { readonly id: number; readonly code: string }
  words: ValueWords
  onSettled: () => Promise<void>
}) {
  const db = useDatabase()
  const toast = useToast()
  const [pending, setPending] = useState<'retry' | 'drop' | null>(null)
  const differences = differencesOf(problem.table, problem.mine, problem.theirs, words)

  const retry = async () => {
    setPending('retry')
    if ((await retryRefused(db, refusal.id)) === 'not-synced') {
      toast({
        title: 'The stored version is still on its way',
        detail: 'Try again once this device is up to date.',
        tone: 'problem',
      })
    }
    await onSettled()
    setPending(null)
  }
  const drop = async () => {
    setPending('drop')
    await dropRefused(db, refusal.id)
    await onSettled()
    setPending(null)
  }

  return (
    <ProblemCard problem={problem} words={words} advice={refusalAdvice(refusal.code)}>
      {differences.length > 0 && (
        <VersionTable
          headings={[{ title: 'Mine' }, { title: 'Stored' }]}
          rows={differences.map(({ label, mine, theirs }) => ({ label, values: [mine, theirs] }))}
        />
      )}
      <div className="mt-5 flex flex-wrap gap-2.5">
        <Button
          variant="primary"
          isPending={pending === 'retry'}
          isDisabled={pending === 'drop'}
          onPress={() => void retry()}
        >
          Try again
        </Button>
        <Button isPending={pending === 'drop'} onPress={() => void drop()}>
          Drop my change
        </Button>
      </div>
    </ProblemCard>
  )
}
