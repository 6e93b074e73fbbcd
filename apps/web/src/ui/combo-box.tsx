import { Button, ComboBox as AriaComboBox, Group, Input } from 'react-aria-components'
import { ChevronsUpDown } from 'lucide-react'
import { cx } from './cx.ts'
import { FieldFrame, fieldRoot, inputClass, type FieldProps } from './field.tsx'
import { OptionPopover, type OptionChoices } from './option-list.tsx'

export interface ComboBoxProps extends FieldProps, OptionChoices {
  /** The chosen option, or null. */
  value: string | null
  onChange: (id: string | null) => void
  /** Text in the box; give both to take free text (a payee) or to filter by yourself. */
  inputValue?: string
  onInputChange?: (text: string) => void
  allowsCustomValue?: boolean
  placeholder?: string
  isDisabled?: boolean
  isRequired?: boolean
  autoFocus?: boolean
  empty?: string
}

/** A choice by typing a part of it. */
export function ComboBox({
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
  empty,
  allowsCustomValue,
  ...rest
}: ComboBoxProps) {
  return (
    <AriaComboBox
      {...rest}
      value={value}
      onChange={(key) => onChange(key === null ? null : String(key))}
      {...(allowsCustomValue === true ? { allowsCustomValue } : {})}
      {...(empty === undefined ? {} : { allowsEmptyCollection: true })}
      menuTrigger="focus"
      {...fieldRoot({ error, className })}
    >
      <FieldFrame label={label} hideLabel={hideLabel} description={description} error={error}>
        <Group className="relative flex items-center">
          <Input
            {...(placeholder === undefined ? {} : { placeholder })}
            className={cx(inputClass, allowsCustomValue !== true && 'pr-11')}
          />
          <Button
            className={cx(
              'absolute right-1 grid size-10 cursor-pointer place-items-center rounded-md text-ink-faint data-hovered:text-ink',
              allowsCustomValue === true && 'hidden',
            )}
          >
            <ChevronsUpDown className="size-4" aria-hidden />
          </Button>
        </Group>
      </FieldFrame>
      <OptionPopover options={options} groups={groups} empty={empty} />
    </AriaComboBox>
  )
}
