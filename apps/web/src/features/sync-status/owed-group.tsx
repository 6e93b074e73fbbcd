import { useState } from 'react'
import type { OwedChoice, OwedKind } from '@sealbook/crypto-router'
import { useDatabase } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/surface.tsx'
import { owedGroupSentence, owedHeading, owedWords } from './owed-words.ts'
import { decideAllOwing } from './problem-commands.ts'

/** Many rows of one kind, decided by one press. They are listed below it, each for itself. */
export function OwedGroup({
  kind,
  count,
  listed,
  onSettled,
}: {
  kind: OwedKind
  count: number
  /** How many of them have a card of their own. */
  listed: number
  onSettled: () => Promise<void>
}) {
  const db = useDatabase()
  const [pending, setPending] = useState<OwedChoice | null>(null)
  const decide = async (choice: OwedChoice) => {
    setPending(choice)
    await decideAllOwing(db, kind, choice)
    await onSettled()
    setPending(null)
  }
  const heading = owedHeading(kind, count)
  return (
    <Card>
      <section aria-label={heading} data-problem-group={kind}>
        <h2 className="text-md font-semibold">{heading}</h2>
        <p className="mt-2 text-ink-soft">{owedGroupSentence(kind)}</p>
        {listed < count && (
          <p className="mt-1 text-ink-soft">{`The latest ${listed} are listed below.`}</p>
        )}
        <div className="mt-5 flex flex-wrap gap-2.5">
          <Button
            variant="primary"
            isPending={pending === 'mine'}
            isDisabled={pending === 'theirs'}
            onPress={() => void decide('mine')}
          >
            {owedWords(kind, 'mine').chooseAll}
          </Button>
          <Button
            isPending={pending === 'theirs'}
            isDisabled={pending === 'mine'}
            onPress={() => void decide('theirs')}
          >
            {owedWords(kind, 'theirs').chooseAll}
          </Button>
        </div>
      </section>
    </Card>
  )
}
