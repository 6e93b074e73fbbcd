import type { ReactNode } from 'react'

/** The name of a card, and where it leads. */
export function CardHeading({ title, link }: { title: string; link?: ReactNode }) {
  return (
    <div className="mb-4 flex min-h-6 items-baseline justify-between gap-4">
      <h2 className="font-semibold">{title}</h2>
      {link}
    </div>
  )
}
