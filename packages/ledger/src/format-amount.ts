import type { AmountMinor } from './amount.ts'
import { currencyExponent } from './currency.ts'
import type { Total } from './total.ts'

/** An amount or a total with its currency, as the locale writes it, to the last minor unit. */
export function formatAmount(
  amount: AmountMinor | Total,
  currency: string,
  locale: string,
): string {
  return currencyFormat(currency, locale).format(toDecimal(amount, currency))
}

/** Plain decimal, `-1234.56`, with all of the currency's decimals. */
export function toDecimal(amount: AmountMinor | Total, currency: string): `${number}` {
  const exponent = currencyExponent(currency)
  const digits = String(amount)
    .replace('-', '')
    .padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  const decimals = exponent === 0 ? '' : `.${digits.slice(-exponent)}`
  // As text, because a division would round amounts of sixteen digits.
  return `${amount < 0 ? '-' : ''}${whole}${decimals}` as `${number}`
}

/** Making a format costs more than a hundred uses of it; there are as many as currencies in view. */
const formats = new Map<string, Intl.NumberFormat>()

function currencyFormat(currency: string, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`
  const known = formats.get(key)
  if (known !== undefined) return known
  const digits = currencyExponent(currency)
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  formats.set(key, format)
  return format
}
