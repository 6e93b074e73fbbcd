import { Dialog, DialogBody } from '../ui/dialog.tsx'
import { shortcutHelp } from './shortcuts.ts'

export function ShortcutHelp({
  isOpen,
  onOpenChange,
}: {
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
}) {
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onOpenChange={onOpenChange} size="sm">
      <DialogBody className="gap-0! pb-6">
        <dl>
          {shortcutHelp.map(({ keys, does }) => (
            <div
              key={does}
              className="flex items-center justify-between gap-4 border-b border-line py-2.5 last:border-0"
            >
              <dt>{does}</dt>
              <dd className="flex gap-1.5">
                {keys.map((key) => (
                  <kbd
                    key={key}
                    className="grid h-7 min-w-7 place-items-center rounded-sm border border-line bg-raised px-1.5 font-sans text-sm font-medium text-ink-soft shadow-[0_1px_0_var(--line)]"
                  >
                    {key}
                  </kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </DialogBody>
    </Dialog>
  )
}
