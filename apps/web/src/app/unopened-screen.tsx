import { useState } from 'react'
import { useSession, useStanding } from '../data/session-context.tsx'
import type { UnreadableDatabase, User } from '../data/session-types.ts'
import { TextLink } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { countText } from '../platform/locale.ts'
import { StartProblem } from './start-problem.tsx'
import { unopenedWords } from './unopened-words.ts'

/** The ledger is on this device and does not open. Nothing of it is removed unless asked for here. */
export function UnopenedScreen({
  user,
  failure,
  unsent,
}: {
  user: User
  failure: UnreadableDatabase
  unsent: number
}) {
  return (
    <StartProblem
      words={unopenedWords(failure.cause)}
      detail={`database: ${failure.cause}: ${failure.name}`}
      last={
        // Only where trying again may never help: a full disk or another tab passes.
        failure.cause === 'damaged' || failure.cause === 'unknown' ? (
          <RemoveCopy user={user} unsent={unsent} />
        ) : null
      }
    />
  )
}

function RemoveCopy({ user, unsent }: { user: User; unsent: number }) {
  const session = useSession()
  const { isSignedOut } = useStanding()
  const [isAsking, setAsking] = useState(false)
  const [isPending, setPending] = useState(false)
  const remove = async () => {
    setPending(true)
    await session.removeUnopened()
    setPending(false)
  }
  return (
    <div className="border-t border-line pt-4 text-sm text-ink-soft">
      <p>
        If nothing helps, this device can drop its copy and fetch the ledger anew from the server.
      </p>
      <p className="mt-1">
        <TextLink onPress={() => setAsking(true)}>Drop the copy on this device…</TextLink>
      </p>
      <ConfirmDialog
        title="Drop the copy on this device?"
        isOpen={isAsking}
        onOpenChange={setAsking}
        confirmLabel="Drop it and fetch anew"
        cancelLabel="Keep it"
        isPending={isPending}
        onConfirm={() => void remove()}
      >
        <div className="flex flex-col gap-2.5">
          <p>
            The ledger’s file on this device is removed for good. What the server has of{' '}
            <span className="break-words text-ink">{user.email}</span> comes back once you unlock
            {isSignedOut ? ' and have signed in again' : ''}. It takes a connection.
          </p>
          <p>{unsentSentence(unsent)}</p>
          <p>
            Before you do this, open Sealbook on another device or in another browser, and look
            whether everything is there.
          </p>
        </div>
      </ConfirmDialog>
    </div>
  )
}

function unsentSentence(unsent: number): string {
  if (unsent === 0)
    return 'When the ledger was last open here, no change was waiting to be sent. What was entered after that count is lost.'
  return unsent === 1
    ? 'When the ledger was last open here, 1 change had not reached the server. It is lost.'
    : `When the ledger was last open here, ${countText(unsent)} changes had not reached the server. They are lost.`
}
