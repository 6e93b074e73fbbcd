import { Button, Select as AriaSelect, SelectValue } from 'react-aria-components'
import { ChevronsUpDown } from 'lucide-react'
import { cx } from './cx.ts'
import { FieldFrame, fieldRoot, inputClass, type FieldProps } from './field.tsx'
import { OptionPopover, type OptionChoices } from './option-list.tsx'

export interface SelectProps extends FieldProps, OptionChoices {
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
      {...fieldRoot({ error, className })}
    >
      <FieldFrame label={label} hideLabel={hideLabel} description={description} error={error}>
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
      </FieldFrame>
      <OptionPopover options={options} groups={groups} />
    </AriaSelect>
  )
}
