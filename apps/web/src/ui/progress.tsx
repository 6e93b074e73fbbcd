import { ProgressBar as AriaProgressBar } from 'react-aria-components'
import { cx } from './cx.ts'

/** A small turning ring; `label` is read out, not shown. */
export function Spinner({ label, className }: { label: string; className?: string }) {
  return (
    <AriaProgressBar isIndeterminate aria-label={label} className={cx('inline-grid', className)}>
      <svg viewBox="0 0 20 20" className="size-4.5 animate-spin" fill="none" aria-hidden>
        <circle cx="10" cy="10" r="7.5" stroke="currentColor" strokeWidth="2.5" opacity="0.22" />
        <path
          d="M17.5 10A7.5 7.5 0 0 0 10 2.5"
          stroke="currentColor"
          strokeWidth="2.5"
          strokeLinecap="round"
        />
      </svg>
    </AriaProgressBar>
  )
}

/** `value` from 0 to 1, or null while it is not known. */
export function ProgressBar({
  label,
  value,
  className,
}: {
  label: string
  value: number | null
  className?: string
}) {
  return (
    <AriaProgressBar
      aria-label={label}
      isIndeterminate={value === null}
      {...(value === null ? {} : { value: Math.round(value * 100) })}
      className={cx('block h-1.5 overflow-hidden rounded-full bg-sunken', className)}
    >
      {({ percentage, isIndeterminate }) =>
        isIndeterminate ? (
          <span className="block h-full w-2/5 animate-slide rounded-full bg-accent" />
        ) : (
          <span
            className="block h-full rounded-full bg-accent transition-[width] duration-300 ease-out"
            style={{ width: `${percentage ?? 0}%` }}
          />
        )
      }
    </AriaProgressBar>
  )
}

/** A grey bar where text is on its way; give it the text's size so that nothing jumps. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span
      aria-hidden
      className={cx('block animate-breathe rounded-sm bg-ink/10', className ?? 'h-4 w-32')}
    />
  )
}
