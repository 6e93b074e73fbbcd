import { useState } from 'react'
import { LogOut } from 'lucide-react'
import { useSession, useStanding } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'

/** Signs out and removes the data from this device; warns about changes that nobody else has. */
export function SignOutButton() {
  const session = useSession()
  const { isSignedOut, lacks } = useStanding()
  const mayBeOnlyCopy = isSignedOut || lacks !== null
  const [isAsking, setAsking] = useState(false)
  const [unsent, setUnsent] = useState<number | null>(null)
  const [isPending, setPending] = useState(false)

  const leave = async (discardUnsent: boolean) => {
    setPending(true)
    const result = await session.signOut({ discardUnsent })
    // On success the session's state takes this screen away.
    setPending(false)
    setAsking(false)
    setUnsent(result.ok ? null : result.error.count)
  }

  return (
    <>
      <Button icon={<LogOut className="size-4" aria-hidden />} onPress={() => setAsking(true)}>
        Sign out
      </Button>
      <ConfirmDialog
        title="Sign out?"
        isOpen={isAsking}
        onOpenChange={setAsking}
        confirmLabel="Sign out"
        tone={mayBeOnlyCopy ? 'danger' : 'neutral'}
        isPending={isPending}
        onConfirm={() => void leave(false)}
      >
        {mayBeOnlyCopy ? (
          <p>
            Your ledger is removed from this device. The server does not know you at the moment, or
            does not list all of your keys, so nobody can say whether it still has the ledger. If it
            has not, what is on this device cannot be brought back.
          </p>
        ) : (
          <p>
            Your ledger is removed from this device. It stays, sealed, on the server. To come back
            you need the password and the secret key.
          </p>
        )}
      </ConfirmDialog>
      <ConfirmDialog
        title="Changes would be lost"
        isOpen={unsent !== null}
        onOpenChange={() => setUnsent(null)}
        confirmLabel="Sign out and lose them"
        cancelLabel="Stay signed in"
        isPending={isPending}
        onConfirm={() => void leave(true)}
      >
        <p>
          {unsent === 1 ? 'One change' : `${unsent ?? 0} changes`} on this device{' '}
          {unsent === 1 ? 'has' : 'have'} not reached the server. Stay signed in and connect to send{' '}
          {unsent === 1 ? 'it' : 'them'}.
        </p>
      </ConfirmDialog>
    </>
  )
}
