import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** A screen's column. `wide` for lists with several columns. */
export function Page({
  children,
  width = 'normal',
  className,
}: {
  children: ReactNode
  width?: 'narrow' | 'normal' | 'wide'
  className?: string
}) {
  return (
    <div
      className={cx(
        'mx-auto w-full px-4 pt-5 pb-10 tab:px-6 desk:px-10 desk:pt-9',
        { narrow: 'max-w-180', normal: 'max-w-230', wide: 'max-w-290' }[width],
        className,
      )}
    >
      {children}
    </div>
  )
}

/** A screen's name and its main actions. */
export function PageHeader({
  title,
  description,
  actions,
}: {
  title: string
  description?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className="mb-5 flex min-h-11 flex-wrap items-center justify-between gap-x-6 gap-y-3 desk:mb-7">
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold">{title}</h1>
        {description !== undefined && <p className="mt-1 text-ink-soft">{description}</p>}
      </div>
      {actions !== undefined && (
        <div className="flex flex-wrap items-center gap-2.5 print:hidden">{actions}</div>
      )}
    </header>
  )
}

/** A part of a screen under its own heading. */
export function Section({
  title,
  actions,
  children,
  className,
}: {
  title: string
  actions?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section aria-label={title} className={cx('mt-8 first:mt-0', className)}>
      <div className="mb-3 flex min-h-8 items-center justify-between gap-4">
        <h2 className="text-base font-semibold text-ink-soft">{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  )
}
