import { Button, Popover, Select as AriaSelect, SelectValue } from 'react-aria-components'
import { ChevronsUpDown } from 'lucide-react'
import { cx } from './cx.ts'
import {
  Description,
  FieldError,
  fieldClass,
  inputClass,
  Label,
  type FieldProps,
} from './field.tsx'
import { floatClass, OptionList, type Option, type OptionGroup } from './option-list.tsx'

export interface SelectProps extends FieldProps {
  /** Either `options` or `groups`. */
  options?: readonly Option[]
  groups?: readonly OptionGroup[]
  value: string | null
  onChange: (id: string) => void
  placeholder?: string
  name?: string
  isDisabled?: boolean
  isRequired?: boolean
  /** A smaller, borderless-looking trigger for filter bars. */
  compact?: boolean
}

/** One of a few choices. For many, or for free text, use ComboBox. */
export function Select({
  label,
  description,
  error,
  className,
  hideLabel,
  options,
  groups,
  value,
  onChange,
  placeholder,
  compact,
  ...rest
}: SelectProps) {
  return (
    <AriaSelect
      {...rest}
      value={value}
      onChange={(key) => {
        if (key !== null) onChange(String(key))
      }}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(error === undefined ? {} : { isInvalid: true })}
      className={cx(fieldClass, className)}
    >
      <Label hidden={hideLabel}>{label}</Label>
      <Button
        className={cx(
          inputClass,
          'flex cursor-pointer items-center gap-2 text-left data-focus-visible:border-accent data-focus-visible:ring-3 data-focus-visible:ring-accent/20',
          compact === true && 'text-base',
        )}
      >
        <SelectValue className="flex min-w-0 grow items-center gap-2.5 truncate data-placeholder:text-ink-faint [&_svg:last-child:not(:only-child)]:hidden" />
        <ChevronsUpDown className="size-4 shrink-0 text-ink-faint" aria-hidden />
      </Button>
      <Description>{description}</Description>
      <FieldError>{error}</FieldError>
      <Popover offset={4} className={cx(floatClass, 'w-(--trigger-width) min-w-52')}>
        <OptionList options={options} groups={groups} />
      </Popover>
    </AriaSelect>
  )
}
