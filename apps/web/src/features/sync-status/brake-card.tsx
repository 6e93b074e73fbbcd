import { useState } from 'react'
import type { Brake, BrakeAnswer } from '@sealbook/crypto-router'
import { useDatabase } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/surface.tsx'
import { brakeAnswerWords, brakeHeading, brakeSentence } from './brake-words.ts'
import { answerStopped } from './problem-commands.ts'

/** Many rows that are to be deleted, here or everywhere: nothing happens before the answer. */
export function BrakeCard({ brake, onSettled }: { brake: Brake; onSettled: () => Promise<void> }) {
  const db = useDatabase()
  const [pending, setPending] = useState<BrakeAnswer | null>(null)
  const heading = brakeHeading(brake)
  const answer = async (given: BrakeAnswer) => {
    setPending(given)
    await answerStopped(db, brake, given)
    await onSettled()
    setPending(null)
  }
  return (
    <Card>
      <section aria-label={heading} data-problem="brake" data-direction={brake.direction}>
        <h2 className="text-md font-semibold">{heading}</h2>
        <p className="mt-2 text-ink-soft">{brakeSentence(brake)}</p>
        <div className="mt-5 flex flex-wrap gap-2.5">
          <Button
            variant="primary"
            isPending={pending === 'keep'}
            isDisabled={pending === 'delete'}
            onPress={() => void answer('keep')}
          >
            {brakeAnswerWords(brake, 'keep')}
          </Button>
          <Button
            isPending={pending === 'delete'}
            isDisabled={pending === 'keep'}
            onPress={() => void answer('delete')}
          >
            {brakeAnswerWords(brake, 'delete')}
          </Button>
        </div>
      </section>
    </Card>
  )
}
