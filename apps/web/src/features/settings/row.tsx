import type { ReactNode } from 'react'

/** One setting: what it is on the left, its control on the right or below. */
export function Row({
  title,
  detail,
  children,
}: {
  title: ReactNode
  detail?: ReactNode
  children?: ReactNode
}) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 border-b border-line px-5 py-4 last:border-0 tab:px-6">
      <div className="min-w-0 grow basis-56">
        <p className="font-medium break-words">{title}</p>
        {detail !== undefined && <p className="text-sm text-ink-soft">{detail}</p>}
      </div>
      {children}
    </div>
  )
}
