import { Button, ComboBox as AriaComboBox, Group, Input, Popover } from 'react-aria-components'
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

export interface ComboBoxProps extends FieldProps {
  options?: readonly Option[]
  groups?: readonly OptionGroup[]
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
      {...(error === undefined ? {} : { isInvalid: true })}
      menuTrigger="focus"
      className={cx(fieldClass, className)}
    >
      <Label hidden={hideLabel}>{label}</Label>
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
      <Description>{description}</Description>
      <FieldError>{error}</FieldError>
      <Popover offset={4} className={cx(floatClass, 'w-(--trigger-width) min-w-52')}>
        <OptionList options={options} groups={groups} {...(empty === undefined ? {} : { empty })} />
      </Popover>
    </AriaComboBox>
  )
}
