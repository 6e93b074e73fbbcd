import { Button } from './button.tsx'
import { Notice } from './surface.tsx'

/** What another device changed in a form while it is open, and that it deleted the whole. */
export function ChangedElsewhere({
  changes,
  isGone,
}: {
  changes: readonly {
    readonly label: string
    readonly value: string
    readonly onUse: () => void
  }[]
  isGone: boolean
}) {
  if (changes.length === 0 && !isGone) return null
  return (
    <Notice>
      <div role="status" className="flex flex-col gap-2">
        {isGone && <p>Deleted on another device. Saving adds it again.</p>}
        {changes.map(({ label, value, onUse }) => (
          <p key={label} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="min-w-0 break-words">
              {label}: changed on another device to{' '}
              <strong className="font-medium text-ink">{value === '' ? 'nothing' : value}</strong>
            </span>
            <Button size="sm" aria-label={`Use it: ${label}`} onPress={onUse}>
              Use it
            </Button>
          </p>
        ))}
      </div>
    </Notice>
  )
}
