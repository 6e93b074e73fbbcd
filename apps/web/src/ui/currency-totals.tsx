import { Amount, type AmountProps } from './amount.tsx'
import { cx } from './cx.ts'

/** A sum in one currency, as Amount takes it. */
export interface CurrencyTotal extends Pick<AmountProps, 'text' | 'sign'> {
  readonly currency: string
}

/** One sum for each currency: they are never added up to one. */
export function CurrencyTotals({
  totals,
  isComplete,
  className,
}: {
  totals: readonly CurrencyTotal[]
  /** False says that they still grow. */
  isComplete: boolean
  className?: string
}) {
  return (
    <dl className={cx('flex flex-wrap gap-x-8 gap-y-2', className)}>
      {totals.map(({ currency, ...amount }) => (
        <div key={currency}>
          <dt className="text-sm text-ink-soft">
            Total in {currency}
            {!isComplete && ', so far'}
          </dt>
          <dd>
            <Amount {...amount} size="xl" tone="balance" />
          </dd>
        </div>
      ))}
    </dl>
  )
}
