import type { ReactNode } from 'react'
import { FieldError as AriaFieldError, Label as AriaLabel, Text } from 'react-aria-components'
import { CircleAlert } from 'lucide-react'
import { cx } from './cx.ts'

/** What every labelled field takes. `error` alone marks the field invalid. */
export interface FieldProps {
  label: string
  description?: ReactNode
  error?: string | undefined
  className?: string | undefined
  /** Keeps the label for assistive technology only, where the place already says it. */
  hideLabel?: boolean | undefined
}

/** For the react-aria field around a FieldFrame: how it is laid out, and whether it is invalid. */
export function fieldRoot({ error, className }: Pick<FieldProps, 'error' | 'className'>) {
  return {
    className: cx('flex min-w-0 flex-col gap-1.5', className),
    ...(error === undefined ? {} : { isInvalid: true }),
  }
}

/** The box of an input: 44 px and more, 16 px text so that phones do not zoom. */
export const inputClass =
  'w-full min-h-11.5 rounded-md border border-line-strong bg-raised px-3.5 text-md text-ink placeholder:text-ink-faint transition-[border-color,box-shadow] duration-150 outline-none data-hovered:border-ink-faint data-focused:border-accent data-focused:ring-3 data-focused:ring-accent/20 data-invalid:border-danger data-invalid:data-focused:ring-danger/20 data-disabled:opacity-55'

/** What stands around the box of every field: its label above, a description and errors below. */
export function FieldFrame({
  label,
  hideLabel,
  description,
  error,
  children,
}: Omit<FieldProps, 'className'> & { children: ReactNode }) {
  return (
    <>
      <Label hidden={hideLabel}>{label}</Label>
      {children}
      <Description>{description}</Description>
      <FieldError>{error}</FieldError>
    </>
  )
}

function Label({ children, hidden }: { children: ReactNode; hidden?: boolean | undefined }) {
  return (
    <AriaLabel className={cx('text-sm font-medium text-ink', hidden && 'sr-only')}>
      {children}
    </AriaLabel>
  )
}

function Description({ children }: { children?: ReactNode }) {
  if (children === undefined || children === null) return null
  return (
    <Text slot="description" className="text-sm text-ink-soft">
      {children}
    </Text>
  )
}

function FieldError({ children }: { children?: string | undefined }) {
  return (
    <AriaFieldError className="flex items-start gap-1.5 text-sm text-danger">
      {({ validationErrors }) => (
        <>
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <span>{children ?? validationErrors.join(' ')}</span>
        </>
      )}
    </AriaFieldError>
  )
}
