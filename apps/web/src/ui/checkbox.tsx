import type { ReactNode } from 'react'
import {
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
} from 'react-aria-components'
import { Check } from 'lucide-react'
import { cx } from './cx.ts'

interface Own {
  className?: string
  children: ReactNode
  /** A second, quieter line. */
  detail?: ReactNode
}

const row =
  'group flex min-h-11 cursor-pointer items-start gap-3 py-2.5 text-base data-disabled:cursor-default data-disabled:opacity-50'

/** A statement that is ticked, taken up when the form is sent. */
export function Checkbox({
  className,
  children,
  detail,
  ...rest
}: Omit<AriaCheckboxProps, 'className' | 'style' | 'children'> & Own) {
  return (
    <AriaCheckbox {...rest} className={cx(row, className)}>
      <span className="mt-px grid size-5.5 shrink-0 place-items-center rounded-sm border border-line-strong bg-raised text-on-accent transition-colors duration-150 group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-accent group-data-invalid:border-danger group-data-selected:border-accent group-data-selected:bg-accent">
        <Check className="size-4 stroke-3 opacity-0 group-data-selected:opacity-100" aria-hidden />
      </span>
      <Words detail={detail}>{children}</Words>
    </AriaCheckbox>
  )
}

function Words({ children, detail }: { children: ReactNode; detail: ReactNode }) {
  return (
    <span className="min-w-0">
      <span className="block font-medium">{children}</span>
      {detail !== undefined && <span className="block text-sm text-ink-soft">{detail}</span>}
    </span>
  )
}
