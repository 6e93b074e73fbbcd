import { cx } from './cx.ts'

export interface AmountProps {
  /** Formatted with its currency and, when it matters, its sign: never colour alone. */
  text: string
  sign: -1 | 0 | 1
  /** `flow` marks money in; `balance` marks what is below zero; `plain` marks nothing. */
  tone?: 'flow' | 'balance' | 'plain'
  size?: 'sm' | 'md' | 'lg' | 'xl' | '2xl'
  className?: string
}

const sizes = {
  sm: 'text-sm font-medium',
  md: 'text-base font-medium',
  lg: 'text-lg font-semibold',
  xl: 'text-2xl font-semibold',
  '2xl': 'text-3xl font-semibold desk:text-4xl',
}

/** More characters than this are too wide in the largest sizes for a card beside another. */
const longText = 18

/** Money, in figures of one width so that columns line up. A sum never wraps: a long one is smaller. */
export function Amount({ text, sign, tone = 'plain', size = 'md', className }: AmountProps) {
  const isTooLarge = text.length > longText && (size === 'xl' || size === '2xl')
  return (
    <span
      className={cx(
        'whitespace-nowrap tabular-nums',
        sizes[isTooLarge ? 'lg' : size],
        tone === 'flow' && sign > 0 && 'text-positive',
        tone === 'balance' && sign < 0 && 'text-danger',
        className,
      )}
    >
      {text}
    </span>
  )
}
