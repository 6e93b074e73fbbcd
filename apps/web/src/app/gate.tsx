import { lazy, Suspense } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { RouterProvider as AriaRouterProvider } from 'react-aria-components'
import { useSession } from '../data/session-context.tsx'
import { SignInAgain } from '../features/account/sign-in-again.tsx'
import { SignedOutNotice } from '../features/account/signed-out-notice.tsx'
import { OutdatedScreen } from '../features/settings/outdated-screen.tsx'
import { UpdatePrompt } from '../features/settings/update-prompt.tsx'
import { Splash } from '../ui/gate-frame.tsx'
import { Shell } from './shell.tsx'
import { UnopenedScreen } from './unopened-screen.tsx'

const AccountScreen = lazy(async () => ({
  default: (await import('../features/account/screen.tsx')).AccountScreen,
}))
const KeysSetUpScreen = lazy(async () => ({
  default: (await import('../features/keys/set-up-screen.tsx')).KeysSetUpScreen,
}))
const UnlockScreen = lazy(async () => ({
  default: (await import('../features/keys/unlock-screen.tsx')).UnlockScreen,
}))
const NoAnswerScreen = lazy(async () => ({
  default: (await import('../features/keys/no-answer-screen.tsx')).NoAnswerScreen,
}))
const WorkspaceMissingScreen = lazy(async () => ({
  default: (await import('../features/keys/no-answer-screen.tsx')).WorkspaceMissingScreen,
}))
const WorkspaceScreen = lazy(async () => ({
  default: (await import('../features/workspace/screen.tsx')).WorkspaceScreen,
}))

/** Shows what the session asks for, and the ledger only once it is open. */
export function Gate() {
  const navigate = useNavigate()
  return (
    <AriaRouterProvider navigate={(href) => void navigate({ href })}>
      <Suspense
        fallback={
          <Splash waitsFor="A part of the app is taking long to come. Check the network; it goes on by itself." />
        }
      >
        <Asked />
      </Suspense>
      <UpdatePrompt />
    </AriaRouterProvider>
  )
}

/** Above a screen that has to reach the server to go on. */
function SignedOutBar({ email }: { email: string }) {
  return (
    <div className="mx-auto max-w-108 px-5 pt-4 empty:hidden">
      <SignedOutNotice email={email} />
    </div>
  )
}

function Asked() {
  const { state } = useSession()
  switch (state.kind) {
    case 'starting':
      return (
        <Splash waitsFor="Opening takes longer than usual. Another tab of Sealbook may hold the ledger, or the browser or the server has not answered yet. It goes on by itself." />
      )
    case 'signed-out':
      return <AccountScreen />
    case 'needs-answer':
      return (
        <NoAnswerScreen
          user={state.user}
          reason={state.reason}
          signIn={<SignInAgain email={state.user.email} size="lg" />}
        />
      )
    case 'needs-keys':
      return (
        <>
          <SignedOutBar email={state.user.email} />
          <KeysSetUpScreen user={state.user} justSignedUp={state.justSignedUp} />
        </>
      )
    case 'locked':
      return (
        <UnlockScreen user={state.user} signedOut={<SignedOutNotice email={state.user.email} />} />
      )
    case 'needs-workspace':
      return (
        <>
          <SignedOutBar email={state.user.email} />
          <WorkspaceScreen justSetUp={state.justSetUp} />
        </>
      )
    case 'workspace-missing':
      return <WorkspaceMissingScreen signIn={<SignInAgain email={state.user.email} size="lg" />} />
    case 'unopened':
      return <UnopenedScreen user={state.user} failure={state.failure} unsent={state.unsent} />
    case 'open':
      return <Shell />
    case 'outdated':
      return <OutdatedScreen unsaved={state.unsaved} />
  }
}
