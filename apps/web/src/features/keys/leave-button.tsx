import { useState } from 'react'
import { useSession } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'

/** Another account: leaves this one. Asks again when changes would be lost. */
export function LeaveButton() {
  const session = useSession()
  const [unsent, setUnsent] = useState<number | null>(null)
  const leave = async (discardUnsent: boolean) => {
    const result = await session.signOut({ discardUnsent })
    if (!result.ok) setUnsent(result.error.count)
  }
  return (
    <>
      <Button variant="ghost" size="sm" onPress={() => void leave(false)}>
        Sign out
      </Button>
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
