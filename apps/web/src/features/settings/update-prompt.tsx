import { RefreshCw } from 'lucide-react'
import { useAppUpdate } from '../../data/app-update.ts'
import { Button } from '../../ui/button.tsx'

/** A newer version is ready: offered, never forced in the middle of something. */
export function UpdatePrompt() {
  const { available, apply, dismiss } = useAppUpdate()
  if (!available) return null
  return (
    <aside
      aria-label="App update"
      className="fixed inset-x-4 bottom-[calc(var(--tab-bar-height)+var(--safe-bottom)+0.75rem)] z-30 mx-auto flex max-w-108 animate-rise-in flex-wrap items-center gap-x-4 gap-y-2 rounded-lg bg-raised p-3 pl-4 shadow-float desk:inset-x-auto desk:right-6 desk:bottom-6 print:hidden"
    >
      <p className="grow font-medium">A new version is ready.</p>
      <div className="flex gap-2">
        <Button variant="ghost" size="sm" onPress={dismiss}>
          Later
        </Button>
        <Button
          variant="primary"
          size="sm"
          icon={<RefreshCw className="size-4" aria-hidden />}
          onPress={apply}
        >
          Update now
        </Button>
      </div>
    </aside>
  )
}
