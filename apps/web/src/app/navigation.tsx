import { Link } from '@tanstack/react-router'
import { Button as AriaButton } from 'react-aria-components'
import { Plus, Settings2 } from 'lucide-react'
import { SyncIndicator } from '../features/sync-status/sync-indicator.tsx'
import { WorkspaceName } from '../features/workspace/workspace-name.tsx'
import { Button } from '../ui/button.tsx'
import { useRunCommand } from '../ui/commands.tsx'
import { SealMark } from '../ui/seal-mark.tsx'
import { places } from './places.ts'

const addLabel = 'Add transaction'

export function Sidebar() {
  const run = useRunCommand()
  return (
    <>
      <div className="mb-6 flex items-center gap-3 px-2">
        <SealMark className="size-9 shrink-0" />
        <div className="min-w-0">
          <p className="leading-5 font-semibold">Sealbook</p>
          <p className="h-4.5 truncate text-sm leading-4.5 text-ink-faint">
            <WorkspaceName />
          </p>
        </div>
      </div>
      <Button
        variant="primary"
        className="mb-5 w-full"
        icon={<Plus className="size-4.5" aria-hidden />}
        onPress={() => run('new-transaction')}
      >
        {addLabel}
      </Button>
      <nav aria-label="Main" className="flex flex-col gap-0.5">
        {places.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            className="flex min-h-11 items-center gap-3 rounded-md px-3 font-medium text-ink-soft transition-colors duration-150 hover:bg-hover hover:text-ink data-[status=active]:bg-accent-soft data-[status=active]:text-accent-ink"
          >
            <Icon className="size-4.5 shrink-0" aria-hidden />
            {label}
          </Link>
        ))}
      </nav>
      <div className="mt-auto border-t border-line pt-3">
        <SyncIndicator layout="sidebar" />
      </div>
    </>
  )
}

export function TopBar() {
  return (
    <>
      <Link to="/" aria-label="Sealbook" className="flex min-h-11 min-w-0 items-center gap-2.5">
        <SealMark className="size-7 shrink-0" />
        <span className="truncate font-semibold">
          <WorkspaceName />
        </span>
      </Link>
      <div className="flex shrink-0 items-center">
        <SyncIndicator layout="bar" />
        <Link
          to="/settings"
          aria-label="Settings"
          className="grid size-11 place-items-center rounded-md text-ink-soft data-[status=active]:text-accent-ink"
        >
          <Settings2 className="size-5" aria-hidden />
        </Link>
      </div>
    </>
  )
}

export function TabBar() {
  const run = useRunCommand()
  const tabs = places.filter(({ to }) => to !== '/settings')
  const half = tabs.length / 2
  return (
    <nav aria-label="Main" className="grid h-(--tab-bar-height) grid-cols-5">
      {tabs.slice(0, half).map((place) => (
        <Tab key={place.to} place={place} />
      ))}
      <div className="grid place-items-center">
        <AriaButton
          aria-label={addLabel}
          onPress={() => run('new-transaction')}
          className="grid size-13 -translate-y-2 cursor-pointer place-items-center rounded-full bg-accent text-on-accent shadow-float transition-[scale,background-color] duration-150 data-hovered:bg-accent-strong data-pressed:scale-95"
        >
          <Plus className="size-6" aria-hidden />
        </AriaButton>
      </div>
      {tabs.slice(half).map((place) => (
        <Tab key={place.to} place={place} />
      ))}
    </nav>
  )
}

function Tab({ place: { to, label, icon: Icon } }: { place: (typeof places)[number] }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      className="group flex flex-col items-center justify-center gap-1 text-xs font-medium text-ink-faint -outline-offset-4 data-[status=active]:text-accent-ink"
    >
      <Icon className="size-5.5 group-data-[status=active]:stroke-[2.25]" aria-hidden />
      {label}
    </Link>
  )
}
