import { useState, type ReactNode } from 'react'
import { CircleAlert } from 'lucide-react'
import { databaseFailureSentence } from '../../data/database-failure.ts'
import { serverFailureSentence } from '../../data/server-failure.ts'
import { useSession, useStanding } from '../../data/session-context.tsx'
import type { AskError, NoKeysReason, User } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { Notice } from '../../ui/surface.tsx'
import { LeaveButton } from './leave-button.tsx'

/** This device keeps no keys, and the server did not give any. `signIn` signs in again. */
export function NoAnswerScreen({
  user,
  reason,
  signIn,
}: {
  user: User
  reason: NoKeysReason
  signIn: ReactNode
}) {
  const isMissing = reason.kind === 'keys-missing'
  return (
    <GateFrame
      title={isMissing ? 'The server has no keys for you' : 'Your keys have not arrived'}
      lede={
        isMissing ? (
          <>
            A ledger of <Email user={user} /> is on this device, but neither this device nor the
            server has the keys that open it. No new ones are made: they would not open it either.
          </>
        ) : (
          <>
            This device needs the sealed keys of <Email user={user} /> from the server before it can
            ask for your secret key.
          </>
        )
      }
      footer={<LeaveButton />}
    >
      <div className="flex flex-col gap-5">
        <Notice tone={isMissing ? 'warning' : 'danger'} isAlert icon={<CircleAlert aria-hidden />}>
          {isMissing
            ? 'Open Sealbook on another device of yours, where it offers to send its copy of the keys. Then ask again here. Whoever runs the server may also have a backup.'
            : serverFailureSentence(reason)}
        </Notice>
        {reason.kind === 'signed-out' ? signIn : <AskAgain />}
      </div>
    </GateFrame>
  )
}

/** There was a workspace, and no key of it opens here. */
export function WorkspaceMissingScreen({ signIn }: { signIn: ReactNode }) {
  const { isSignedOut } = useStanding()
  return (
    <GateFrame
      title="No key of your workspace opens here"
      lede="Your secret key is right, but this device has no key for your workspace, and the server gave none that opens. Nothing was removed, and nothing new is made in its place."
      footer={<LeaveButton />}
    >
      <div className="flex flex-col gap-5">
        <Notice tone="warning" isAlert icon={<CircleAlert aria-hidden />}>
          Open Sealbook on another device of yours: your ledger stays open there. Where the server
          has lost the key, that device offers to send its copy. Then ask again here. Whoever runs
          the server may also have a backup.
        </Notice>
        {isSignedOut ? signIn : <AskAgain />}
      </div>
    </GateFrame>
  )
}

function Email({ user }: { user: User }) {
  return <span className="font-medium break-words text-ink">{user.email}</span>
}

function AskAgain() {
  const session = useSession()
  const [isPending, setPending] = useState(false)
  const [said, setSaid] = useState<string | null>(null)
  const ask = async () => {
    setPending(true)
    setSaid(null)
    const asked = await session.askAgain()
    // Where the answer leads on, the session's state takes this screen away.
    setPending(false)
    setSaid(asked.ok ? 'The server says the same as before.' : askSentence(asked.error))
  }
  return (
    <>
      <Button variant="primary" size="lg" isPending={isPending} onPress={() => void ask()}>
        Ask the server again
      </Button>
      <p role="status" className="text-sm text-ink-soft empty:hidden">
        {said}
      </p>
    </>
  )
}

function askSentence(error: AskError): string {
  switch (error.kind) {
    case 'database-unreadable':
      return databaseFailureSentence(error.cause)
    case 'newer-version':
      return 'A newer version of Sealbook has opened this ledger. Reload the page.'
    case 'other-keys':
      return 'The ledger on this device belongs to other keys of your account. Lock, and use the secret key that it was made with.'
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return serverFailureSentence(error)
  }
}
