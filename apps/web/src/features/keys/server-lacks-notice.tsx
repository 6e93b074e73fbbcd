import { useState } from 'react'
import { ShieldAlert } from 'lucide-react'
import { serverFailureSentence } from '../../data/server-failure.ts'
import { useSession, useStanding } from '../../data/session-context.tsx'
import type { SendKeysError, ServerLacks } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'

/** The server does not list keys that this device has: what that means, and the offer to send them. */
export function ServerLacksNotice() {
  const session = useSession()
  const { lacks, isSignedOut } = useStanding()
  const toast = useToast()
  const [isPending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  if (lacks === null || isSignedOut) return null

  const send = async () => {
    setPending(true)
    setFailure(null)
    const sent = await session.sendKeptKeys()
    setPending(false)
    if (sent.ok) toast({ title: 'The server has your keys again' })
    else setFailure(sendSentence(sent.error))
  }

  return (
    <Notice tone="warning" isAlert icon={<ShieldAlert aria-hidden />}>
      <p>
        <strong className="font-semibold">{lackTitle(lacks)}</strong> This device has a good copy,
        so your ledger stays open here. Other devices may not be able to open it until the server
        has the copy too.
      </p>
      {failure !== null && <p className="mt-2">{failure}</p>}
      <div className="mt-3 flex flex-wrap gap-2.5">
        <Button size="sm" variant="primary" isPending={isPending} onPress={() => void send()}>
          Send my copy to the server
        </Button>
        <Button size="sm" onPress={() => void session.askAgain()}>
          Ask again
        </Button>
      </div>
    </Notice>
  )
}

function lackTitle({ slots, workspace }: ServerLacks): string {
  if (slots && workspace) return 'The server lists neither your keys nor your workspace.'
  return slots ? 'The server does not have your keys.' : 'The server does not list your workspace.'
}

function sendSentence(error: SendKeysError): string {
  switch (error.kind) {
    case 'not-taken':
      return 'The server did not take it: it has other keys in their place, or does not know you as a member. Ask who runs it. Your ledger stays open on this device.'
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return serverFailureSentence(error)
  }
}
