import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** A sheet of paper on the desk. `flush` leaves the padding to rows that reach its edges. */
export function Card({
  children,
  className,
  flush = false,
}: {
  children: ReactNode
  className?: string
  flush?: boolean
}) {
  return (
    <div
      className={cx(
        'rounded-xl bg-surface shadow-card',
        flush ? 'overflow-hidden' : 'p-5 tab:p-6',
        className,
      )}
    >
      {children}
    </div>
  )
}

export type BadgeTone = 'neutral' | 'accent' | 'warning' | 'danger'

const badgeTones: Record<BadgeTone, string> = {
  neutral: 'bg-sunken text-ink-soft',
  accent: 'bg-accent-soft text-accent-ink',
  warning: 'bg-warning-soft text-warning',
  danger: 'bg-danger-soft text-danger',
}

/** A word about the state of something. */
export function Badge({ children, tone = 'neutral' }: { children: ReactNode; tone?: BadgeTone }) {
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1 rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap',
        badgeTones[tone],
      )}
    >
      {children}
    </span>
  )
}

const noticeTones = {
  neutral: 'bg-sunken text-ink-soft',
  accent: 'bg-accent-soft text-accent-ink',
  warning: 'bg-warning-soft text-warning',
  danger: 'bg-danger-soft text-danger',
} as const

/** Something to know before going on. With `isAlert` it is read out when it appears. */
export function Notice({
  children,
  icon,
  tone = 'neutral',
  isAlert = false,
  className,
}: {
  children: ReactNode
  icon?: ReactNode
  tone?: keyof typeof noticeTones
  isAlert?: boolean
  className?: string
}) {
  return (
    <div
      {...(isAlert ? { role: 'alert' } : {})}
      className={cx(
        'flex items-start gap-3 rounded-lg px-4 py-3 text-sm',
        noticeTones[tone],
        className,
      )}
    >
      {icon !== undefined && <span className="mt-px shrink-0 [&_svg]:size-4.5">{icon}</span>}
      <div className="min-w-0 grow">{children}</div>
    </div>
  )
}

/** What stands where there is nothing yet: why, and the one thing to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  className,
  isPage = false,
}: {
  icon: ReactNode
  title: string
  /** It is the whole screen: its title is the page's heading. */
  isPage?: boolean
  children?: ReactNode
  action?: ReactNode
  className?: string
}) {
  const Heading = isPage ? 'h1' : 'h2'
  return (
    <div className={cx('flex flex-col items-center px-6 py-14 text-center', className)}>
      <span className="mb-5 grid size-16 place-items-center rounded-2xl bg-accent-soft text-accent-ink [&_svg]:size-7">
        {icon}
      </span>
      <Heading className="text-lg font-semibold">{title}</Heading>
      {children !== undefined && <div className="mt-1.5 max-w-88 text-ink-soft">{children}</div>}
      {action !== undefined && <div className="mt-6">{action}</div>}
    </div>
  )
}
