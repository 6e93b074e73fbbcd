import { useState } from 'react'
import { TriangleAlert } from 'lucide-react'
import { useSession } from '../../data/session-context.tsx'
import type { User } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { Notice } from '../../ui/surface.tsx'
import { LeaveButton } from './leave-button.tsx'

/** The server's word is not proof: making keys for an account that has some is the person's own act. */
export function NoKeysStep({ user, onContinue }: { user: User; onContinue: () => void }) {
  const session = useSession()
  const [isCertain, setCertain] = useState(false)
  const [isPending, setPending] = useState(false)
  const ask = async () => {
    setPending(true)
    await session.askAgain()
    setPending(false)
  }
  return (
    <GateFrame
      title="This server has no keys for you"
      lede={
        <>
          You are signed in as{' '}
          <span className="font-medium break-words text-ink">{user.email}</span>, and the server
          says that this account never set a secret key.
        </>
      }
      footer={<LeaveButton />}
    >
      <div className="flex flex-col gap-5">
        <Notice tone="warning" icon={<TriangleAlert aria-hidden />}>
          <strong className="font-semibold">
            If you have set Sealbook up before, do not go on.
          </strong>{' '}
          New keys do not open what you wrote with the old ones. Open Sealbook on a device where you
          have used it: it has your keys, and offers to send them to the server.
        </Notice>
        <Checkbox isSelected={isCertain} onChange={setCertain}>
          I have never set a secret key for this account
        </Checkbox>
        <div className="flex flex-wrap gap-2.5">
          <Button variant="primary" size="lg" isDisabled={!isCertain} onPress={onContinue}>
            Make new keys
          </Button>
          <Button size="lg" isPending={isPending} onPress={() => void ask()}>
            Ask the server again
          </Button>
        </div>
      </div>
    </GateFrame>
  )
}
