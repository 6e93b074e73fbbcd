import { toInteger, type Breach, type Cells } from './breach.ts'
import { currencyExponent, isCurrency } from './currency.ts'

/**
 * Whether a transaction's original amount times its rate is its amount, in whole units of each. A
 * bank rounds both: the amount may be one minor unit off, the rate half of its last digit.
 * @param currency of the account. Nothing is found where a value is missing or of the wrong form.
 */
export function checkOriginalAmount(transaction: Cells, currency: string): Breach | null {
  const amount = toInteger(transaction['amount'])
  const original = toInteger(transaction['original_amount'])
  const from = transaction['original_currency']
  const quoted = transaction['original_rate']
  const rate = typeof quoted === 'string' ? /^([0-9]+)(?:\.([0-9]+))?$/.exec(quoted) : null
  if (amount === null || original === null || rate === null) return null
  if (typeof from !== 'string' || !isCurrency(from) || !isCurrency(currency)) return null
  const [, whole = '', decimals = ''] = rate
  // All in one unit that divides both currencies' and the rate's last digit.
  const ownUnits = 10n ** BigInt(currencyExponent(currency))
  const amountUnits = 10n ** BigInt(currencyExponent(from) + decimals.length)
  const difference = original * BigInt(whole + decimals) * ownUnits - amount * amountUnits
  const tolerance = amountUnits + (size(original) * ownUnits) / 2n
  return size(difference) <= tolerance
    ? null
    : { kind: 'inconsistent', column: 'original_amount', with: 'amount' }
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value
}
