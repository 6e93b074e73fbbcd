import { useState } from 'react'
import { isEntityTable, type EntityTable } from '@sealbook/schema'
import { editLink } from '../../data/edit-link.ts'
import { restoreRow, takeRow } from '../../data/rows.ts'
import { useDatabase } from '../../data/session-context.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { useToast } from '../../ui/toast.tsx'
import { ProblemCard } from './problem-card.tsx'
import type { ValueWords } from './problem-differences.ts'
import { problemTitle, type Problem } from './problem-sentence.ts'

/** A row that breaks the ledger's rules, to be mended where it is edited; one that cannot be used may go. */
export function UnrulyCard({
  problem,
  words,
  onSettled,
}: {
  problem: Problem
  words: ValueWords
  onSettled: () => Promise<void>
}) {
  const db = useDatabase()
  const toast = useToast()
  const [isPending, setIsPending] = useState(false)
  const { rowId } = problem
  const href = editedAt(problem)
  const removable = removableFrom(problem)
  const remove = async (from: EntityTable) => {
    setIsPending(true)
    const taken = await takeRow(db, from, rowId)
    if (taken !== null) {
      toast({
        title: `${problemTitle(problem)} removed`,
        action: { label: 'Undo', onAction: () => void restoreRow(db, from, taken) },
      })
    }
    await onSettled()
    setIsPending(false)
  }
  return (
    <ProblemCard problem={problem} words={words} advice={advice(href !== null, removable !== null)}>
      <div className="mt-5 flex flex-wrap gap-2.5">
        {href !== null && (
          <LinkButton variant="primary" href={href}>
            Go and edit it
          </LinkButton>
        )}
        {removable !== null && (
          <Button isPending={isPending} onPress={() => void remove(removable)}>
            Remove it
          </Button>
        )}
      </div>
    </ProblemCard>
  )
}

function advice(isEditable: boolean, isRemovableHere: boolean): string {
  const mend = isEditable ? 'Edit it to mend it' : 'Mend it on the device that wrote it'
  return isRemovableHere ? `${mend}, or remove it.` : `${mend}.`
}

/** The screen that has the row's form, with the form open. */
function editedAt({ table, rowId }: Problem): string | null {
  const hasForm = ['accounts', 'categories', 'transactions'].includes(table)
  return hasForm ? editLink(`/${table}`, rowId) : null
}

/** Where other rows belong to it, their own screens know whether it may go. */
function removableFrom({ table, cause }: Problem): EntityTable | null {
  const hasOthers = ['workspace_settings', 'accounts', 'categories'].includes(table)
  return cause.kind === 'unruly' && isEntityTable(table) && !hasOthers ? table : null
}
