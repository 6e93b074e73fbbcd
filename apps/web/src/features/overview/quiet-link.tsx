import type { ReactNode } from 'react'
import { Link } from 'react-aria-components'

/** A name that leads somewhere, in a list where underlines would be noise. */
export function QuietLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link
      href={href}
      className="min-w-0 cursor-pointer truncate rounded-sm font-medium underline-offset-3 data-hovered:underline"
    >
      {children}
    </Link>
  )
}
