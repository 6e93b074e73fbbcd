import { CloudAlert } from 'lucide-react'
import { useStanding, useSyncState } from '../../data/session-context.tsx'
import { countText } from '../../platform/locale.ts'
import { Notice } from '../../ui/surface.tsx'
import { SignInAgain } from './sign-in-again.tsx'

/** While the server does not know the session: what goes on, what waits, and the way back. */
export function SignedOutNotice({ email }: { email: string }) {
  const { isSignedOut } = useStanding()
  const { waiting } = useSyncState()
  if (!isSignedOut) return null
  return (
    <Notice tone="warning" isAlert icon={<CloudAlert aria-hidden />}>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <p className="min-w-0 grow basis-64">
          <strong className="font-semibold">Signed out. Sign in to sync.</strong>{' '}
          {waiting === 0
            ? 'You can go on working; new changes wait on this device.'
            : `You can go on working; ${waiting === 1 ? '1 change waits' : `${countText(waiting)} changes wait`} on this device.`}
        </p>
        <SignInAgain email={email} size="sm" />
      </div>
    </Notice>
  )
}
