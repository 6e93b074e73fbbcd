import { useEffect, useState } from 'react'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useSession } from '../data/session-context.tsx'
import { SignedOutNotice } from '../features/account/signed-out-notice.tsx'
import { ServerLacksNotice } from '../features/keys/server-lacks-notice.tsx'
import { FirstSync } from '../features/sync-status/first-sync.tsx'
import { AppFrame } from '../ui/app-frame.tsx'
import { CommandProvider, useRunCommand } from '../ui/commands.tsx'
import { Sidebar, TabBar, TopBar } from './navigation.tsx'
import { titleOf } from './places.ts'
import { ShortcutHelp } from './shortcut-help.tsx'
import { useShortcuts } from './use-shortcuts.ts'

/** The open ledger: navigation around the current screen. */
export function Shell() {
  const navigate = useNavigate()
  return (
    <CommandProvider onUnhandled={() => void navigate({ to: '/transactions' })}>
      <AppFrame sidebar={() => <Sidebar />} topBar={() => <TopBar />} tabBar={() => <TabBar />}>
        <AccountNotices />
        <Outlet />
      </AppFrame>
      <FirstSync />
      <Keys />
      <PlaceEffects />
    </CommandProvider>
  )
}

/** What the server says of the account that the person should know, above every screen. */
function AccountNotices() {
  const { state } = useSession()
  return (
    <div className="flex flex-col gap-3 px-4 pt-4 empty:hidden tab:px-6 desk:px-10">
      {state.kind === 'open' && <SignedOutNotice email={state.user.email} />}
      <ServerLacksNotice />
    </div>
  )
}

function Keys() {
  const navigate = useNavigate()
  const run = useRunCommand()
  const [isHelpOpen, setHelpOpen] = useState(false)
  useShortcuts((action) => {
    switch (action.kind) {
      case 'command':
        return run(action.command)
      case 'go':
        return void navigate({ to: action.to })
      case 'help':
        return setHelpOpen(true)
      case 'diagnose':
        return void navigate({ href: `/diagnostics${rowInSight()}` })
    }
  })
  return <ShortcutHelp isOpen={isHelpOpen} onOpenChange={setHelpOpen} />
}

/** The row that is being edited, as the address of its diagnostics has it. */
function rowInSight(): string {
  const [table, id] =
    document.querySelector('[data-row]')?.getAttribute('data-row')?.split('/') ?? []
  return table === undefined || id === undefined ? '' : `?table=${table}&id=${id}`
}

/** On a new screen: the window's title, and focus at the start of what is new. */
function PlaceEffects() {
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname ?? '' })
  useEffect(() => {
    document.title = titleOf(pathname)
    const main = document.getElementById('main')
    const active = document.activeElement
    const isLost = active === null || active === document.body
    if (isLost || active.closest('nav, aside') !== null) main?.focus({ preventScroll: true })
  }, [pathname])
  return null
}
