import type { ReactNode } from 'react'
import {
  Checkbox as AriaCheckbox,
  Switch as AriaSwitch,
  type CheckboxProps as AriaCheckboxProps,
  type SwitchProps as AriaSwitchProps,
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

/** On or off, at once. */
export function Switch({
  className,
  children,
  detail,
  ...rest
}: Omit<AriaSwitchProps, 'className' | 'style' | 'children'> & Own) {
  return (
    <AriaSwitch {...rest} className={cx(row, 'justify-between', className)}>
      <Words detail={detail}>{children}</Words>
      <span className="mt-px flex h-6 w-10.5 shrink-0 items-center rounded-full border border-line-strong bg-sunken p-0.5 transition-colors duration-150 group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-accent group-data-selected:border-accent group-data-selected:bg-accent">
        <span className="size-4.5 rounded-full bg-ink-faint transition-[translate,background-color] duration-150 ease-out group-data-selected:translate-x-4.5 group-data-selected:bg-on-accent" />
      </span>
    </AriaSwitch>
  )
}

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
