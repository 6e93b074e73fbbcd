import { useState } from 'react'
import { useSession, useStanding } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'

/**
 * Another account: leaves this one. Asks again when changes would be lost, and when the server may
 * not have the ledger any more.
 */
export function LeaveButton() {
  const session = useSession()
  const { isSignedOut, lacks } = useStanding()
  const [isAsking, setAsking] = useState(false)
  const [unsent, setUnsent] = useState<number | null>(null)
  const mayBeOnlyCopy = isSignedOut || lacks !== null
  const leave = async (discardUnsent: boolean) => {
    setAsking(false)
    const result = await session.signOut({ discardUnsent })
    if (!result.ok) setUnsent(result.error.count)
  }
  return (
    <>
      <Button
        variant="ghost"
        size="sm"
        onPress={() => (mayBeOnlyCopy ? setAsking(true) : void leave(false))}
      >
        Sign out
      </Button>
      <ConfirmDialog
        title="This may be the only copy"
        isOpen={isAsking}
        onOpenChange={setAsking}
        confirmLabel="Remove it and sign out"
        onConfirm={() => void leave(false)}
      >
        <p>
          Signing out removes your ledger from this device. The server does not know you at the
          moment, or does not list all of your keys, so nobody can say whether it still has the
          ledger. If it has not, what is on this device cannot be brought back.
        </p>
      </ConfirmDialog>
      <ConfirmDialog
        title="Changes would be lost"
        isOpen={unsent !== null}
        onOpenChange={() => setUnsent(null)}
        confirmLabel="Sign out and lose them"
        onConfirm={() => void leave(true)}
      >
        <p>
          {unsent === 1
            ? 'One change on this device has'
            : `${unsent ?? 0} changes on this device have`}{' '}
          not reached the server. Unlock while you are online to send what is waiting.
        </p>
      </ConfirmDialog>
    </>
  )
}
