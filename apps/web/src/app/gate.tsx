import { lazy, Suspense } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { RouterProvider as AriaRouterProvider } from 'react-aria-components'
import { useSession } from '../data/session-context.tsx'
import { OutdatedScreen } from '../features/settings/outdated-screen.tsx'
import { UpdatePrompt } from '../features/settings/update-prompt.tsx'
import { Splash } from '../ui/gate-frame.tsx'
import { Shell } from './shell.tsx'

const AccountScreen = lazy(async () => ({
  default: (await import('../features/account/screen.tsx')).AccountScreen,
}))
const KeysSetUpScreen = lazy(async () => ({
  default: (await import('../features/keys/set-up-screen.tsx')).KeysSetUpScreen,
}))
const UnlockScreen = lazy(async () => ({
  default: (await import('../features/keys/unlock-screen.tsx')).UnlockScreen,
}))
const WorkspaceScreen = lazy(async () => ({
  default: (await import('../features/workspace/screen.tsx')).WorkspaceScreen,
}))

/** Shows what the session asks for, and the ledger only once it is open. */
export function Gate() {
  const navigate = useNavigate()
  return (
    <AriaRouterProvider navigate={(href) => void navigate({ href })}>
      <Suspense fallback={<Splash />}>
        <Asked />
      </Suspense>
      <UpdatePrompt />
    </AriaRouterProvider>
  )
}

function Asked() {
  const { state } = useSession()
  switch (state.kind) {
    case 'starting':
      return <Splash />
    case 'signed-out':
      return <AccountScreen />
    case 'needs-keys':
      return <KeysSetUpScreen user={state.user} />
    case 'locked':
      return <UnlockScreen user={state.user} />
    case 'needs-workspace':
      return <WorkspaceScreen />
    case 'open':
      return <Shell />
    case 'outdated':
      return <OutdatedScreen unsaved={state.unsaved} />
  }
}
