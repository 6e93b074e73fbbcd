import { cx } from './cx.ts'
import { TextField, type TextFieldProps } from './text-field.tsx'

export interface DateFieldProps extends Omit<TextFieldProps, 'value' | 'onChange' | 'type'> {
  /** `YYYY-MM-DD`, or empty. */
  value: string
  onChange: (value: string) => void
}

/** A day. The platform's own picker: on a phone nothing is quicker. */
export function DateField({ inputClassName, ...rest }: DateFieldProps) {
  return <TextField {...rest} type="date" inputClassName={cx('tabular-nums', inputClassName)} />
}
