import type { ReactNode } from 'react'
import { Label, Radio, RadioGroup } from 'react-aria-components'
import { cx } from './cx.ts'

/** One of two to four choices that are all in sight. */
export function Segmented<Id extends string>({
  label,
  options,
  value,
  onChange,
  hideLabel = true,
  className,
}: {
  label: string
  options: readonly { readonly id: Id; readonly label: string; readonly icon?: ReactNode }[]
  value: Id
  onChange: (id: Id) => void
  hideLabel?: boolean
  className?: string
}) {
  return (
    <RadioGroup
      value={value}
      onChange={(id) => onChange(id as Id)}
      orientation="horizontal"
      className={cx('flex shrink-0 flex-col gap-1.5', className)}
    >
      <Label className={hideLabel ? 'sr-only' : 'text-sm font-medium'}>{label}</Label>
      <div className="grid auto-cols-fr grid-flow-col rounded-md bg-sunken p-1 shadow-[inset_0_0_0_1px_var(--line)]">
        {options.map((option) => (
          <Radio
            key={option.id}
            value={option.id}
            className="relative flex min-h-10 min-w-0 cursor-pointer items-center justify-center gap-2 rounded-[0.45rem] px-3 text-sm font-medium text-ink-soft transition-[background-color,color] duration-150 data-focus-visible:outline-2 data-focus-visible:outline-accent data-hovered:text-ink data-selected:bg-raised data-selected:text-ink data-selected:shadow-[0_1px_3px_var(--lift-2)]"
          >
            {option.icon}
            <span className="truncate">{option.label}</span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}
