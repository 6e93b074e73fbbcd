import type { ReactElement, ReactNode } from 'react'
import {
  Dialog,
  DialogTrigger,
  Popover as AriaPopover,
  type PopoverProps,
} from 'react-aria-components'
import { cx } from './cx.ts'
import { floatClass } from './option-list.tsx'

/** A small card beside the button in `trigger`, closed by Escape or a press elsewhere. */
export function Popover({
  label,
  trigger,
  placement = 'bottom',
  className,
  children,
}: {
  label: string
  trigger: ReactElement
  placement?: NonNullable<PopoverProps['placement']>
  className?: string
  /** `close` is for what leads elsewhere: the card would stay open above the next screen. */
  children: (close: () => void) => ReactNode
}) {
  return (
    <DialogTrigger>
      {trigger}
      <AriaPopover
        placement={placement}
        offset={8}
        className={cx(floatClass, 'w-80 max-w-[calc(100vw-1.5rem)]')}
      >
        <Dialog aria-label={label} className={cx('p-4 outline-none', className)}>
          {({ close }) => children(close)}
        </Dialog>
      </AriaPopover>
    </DialogTrigger>
  )
}
