import { useState, type ReactNode, type RefAttributes } from 'react'
import {
  Button as AriaButton,
  Group,
  Input,
  SearchField as AriaSearchField,
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  type InputProps,
  type SearchFieldProps as AriaSearchFieldProps,
  type TextFieldProps as AriaTextFieldProps,
} from 'react-aria-components'
import { Eye, EyeOff, Search, X } from 'lucide-react'
import { cx } from './cx.ts'
import { FieldFrame, fieldRoot, inputClass, type FieldProps } from './field.tsx'

type Own = Omit<AriaTextFieldProps, 'className' | 'style' | 'children' | 'isInvalid'> & FieldProps

export interface TextFieldProps extends Own {
  placeholder?: string
  /** Shown inside the box, before and after the text: a currency, a unit. */
  prefix?: ReactNode
  suffix?: ReactNode
  inputClassName?: string
  inputProps?: Omit<InputProps, 'className' | 'style'> & RefAttributes<HTMLInputElement>
}

/** One line of text. */
export function TextField({
  label,
  description,
  error,
  className,
  hideLabel,
  placeholder,
  prefix,
  suffix,
  inputClassName,
  inputProps,
  ...rest
}: TextFieldProps) {
  return (
    <AriaTextField {...rest} {...fieldRoot({ error, className })}>
      <FieldFrame label={label} hideLabel={hideLabel} description={description} error={error}>
        <span className="relative flex items-center">
          {prefix !== undefined && (
            <span className="pointer-events-none absolute left-3.5 text-ink-soft">{prefix}</span>
          )}
          <Input
            {...inputProps}
            {...(placeholder === undefined ? {} : { placeholder })}
            className={cx(
              inputClass,
              prefix !== undefined && 'pl-10',
              suffix !== undefined && 'pr-12',
              inputClassName,
            )}
          />
          {suffix !== undefined && <span className="absolute right-1">{suffix}</span>}
        </span>
      </FieldFrame>
    </AriaTextField>
  )
}

/** A secret that can be looked at. `what` names it in the button: "Show secret key". */
export function SecretField({ what, ...rest }: TextFieldProps & { what: string }) {
  const [shown, setShown] = useState(false)
  const label = `${shown ? 'Hide' : 'Show'} ${what}`
  return (
    <div data-secret className="contents">
      <TextField
        {...rest}
        type={shown ? 'text' : 'password'}
        spellCheck="false"
        suffix={
          <AriaButton
            aria-label={label}
            onPress={() => setShown(!shown)}
            className="grid size-11 cursor-pointer place-items-center rounded-md text-ink-faint data-hovered:text-ink"
          >
            {shown ? (
              <EyeOff className="size-4.5" aria-hidden />
            ) : (
              <Eye className="size-4.5" aria-hidden />
            )}
          </AriaButton>
        }
      />
    </div>
  )
}

export interface TextAreaProps extends Own {
  placeholder?: string
  /** Lines that it is high when empty. */
  rows?: number
}

/** Several lines of text; grows with what is in it where the browser can. */
export function TextArea({
  label,
  description,
  error,
  className,
  hideLabel,
  placeholder,
  rows = 1,
  ...rest
}: TextAreaProps) {
  return (
    <AriaTextField {...rest} {...fieldRoot({ error, className })}>
      <FieldFrame label={label} hideLabel={hideLabel} description={description} error={error}>
        <AriaTextArea
          rows={rows}
          // Sized by its content, a text area forgets its rows.
          style={{ minHeight: `calc(${rows}lh + 1.375rem)` }}
          {...(placeholder === undefined ? {} : { placeholder })}
          className={cx(inputClass, 'field-sizing-content max-h-48 resize-none py-2.5')}
        />
      </FieldFrame>
    </AriaTextField>
  )
}

export interface SearchFieldProps extends Omit<
  AriaSearchFieldProps,
  'className' | 'style' | 'children'
> {
  label: string
  placeholder?: string
  className?: string
  inputProps?: Omit<InputProps, 'className' | 'style'> & RefAttributes<HTMLInputElement>
}

/** Search with a clear button; Escape clears too. */
export function SearchField({
  label,
  placeholder,
  className,
  inputProps,
  ...rest
}: SearchFieldProps) {
  return (
    <AriaSearchField {...rest} aria-label={label} className={cx('group min-w-0', className)}>
      <Group className="relative flex items-center">
        <Search
          className="pointer-events-none absolute left-3.5 size-4.5 text-ink-faint"
          aria-hidden
        />
        <Input
          {...inputProps}
          placeholder={placeholder ?? label}
          className={cx(inputClass, 'px-11 [&::-webkit-search-cancel-button]:hidden')}
        />
        <AriaButton className="absolute right-1 grid size-10 cursor-pointer place-items-center rounded-md text-ink-faint group-data-empty:hidden data-hovered:text-ink">
          <X className="size-4.5" aria-hidden />
        </AriaButton>
      </Group>
    </AriaSearchField>
  )
}
