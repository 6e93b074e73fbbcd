import { useState } from 'react'
import { useDatabase } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { useToast } from '../../ui/toast.tsx'
import { dropRefused, retryRefused, reviseRefused, undropRefused } from './problem-commands.ts'
import { DraftDialog } from './draft-dialog.tsx'
import { draftFields } from './draft-fields.ts'
import { differencesOf, type ValueWords } from './problem-differences.ts'
import { ProblemCard } from './problem-card.tsx'
import { needsEdit, refusalAdvice, type Problem, type RefusalCause } from './problem-sentence.ts'
import { VersionTable } from './version-table.tsx'

/** A change that the server did not take: a draft, to be tried again, edited first, or dropped. */
export function RefusalCard({
  problem,
  refusal,
  words,
  onSettled,
}: {
  problem: Problem
  refusal: RefusalCause
  words: ValueWords
  onSettled: () => Promise<void>
}) {
  const db = useDatabase()
  const toast = useToast()
  const [pending, setPending] = useState<'retry' | 'drop' | null>(null)
  const [isEditing, setIsEditing] = useState(false)
  const differences = differencesOf(problem.table, problem.mine, problem.theirs, words)

  const { mine } = problem
  const canEdit = mine !== null && draftFields(problem.table, mine, words).length > 0
  const isEditFirst = canEdit && needsEdit(refusal.code)

  const send = async (attempt: () => ReturnType<typeof retryRefused>) => {
    setPending('retry')
    if ((await attempt()) === 'not-synced') {
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
    const undo = () => void undropRefused(db, refusal.id).then(onSettled)
    toast({ title: 'Change dropped', action: { label: 'Undo', onAction: undo } })
    await onSettled()
    setPending(null)
  }

  const retryButton = (
    <Button
      variant={isEditFirst ? 'secondary' : 'primary'}
      isPending={pending === 'retry'}
      isDisabled={pending === 'drop'}
      onPress={() => void send(() => retryRefused(db, refusal.id))}
    >
      Try again
    </Button>
  )
  return (
    <ProblemCard problem={problem} words={words} advice={refusalAdvice(refusal.code)}>
      {differences.length > 0 && (
        <VersionTable
          headings={[{ title: 'Mine' }, { title: 'Stored' }]}
          rows={differences.map(({ label, mine, theirs }) => ({ label, values: [mine, theirs] }))}
        />
      )}
      <div className="mt-5 flex flex-wrap gap-2.5">
        {!isEditFirst && retryButton}
        {canEdit && (
          <Button
            variant={isEditFirst ? 'primary' : 'secondary'}
            isDisabled={pending !== null}
            onPress={() => setIsEditing(true)}
          >
            Edit my change
          </Button>
        )}
        {isEditFirst && retryButton}
        <Button isPending={pending === 'drop'} onPress={() => void drop()}>
          Drop my change
        </Button>
      </div>
      {isEditing && mine !== null && (
        <DraftDialog
          table={problem.table}
          draft={mine}
          words={words}
          onSave={(cells) => send(() => reviseRefused(db, refusal.id, cells))}
          onClose={() => setIsEditing(false)}
        />
      )}
    </ProblemCard>
  )
}
