import type { ReactElement } from 'react'
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components'

/** Names its one focusable child on hover and on keyboard focus. */
export function Tooltip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={500} closeDelay={80}>
      {children}
      <AriaTooltip
        offset={6}
        className="max-w-64 rounded-sm bg-ink px-2.5 py-1.5 text-xs font-medium text-paper data-entering:animate-pop-in data-exiting:animate-pop-out"
      >
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  )
}
