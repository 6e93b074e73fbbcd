import {
  asAmountMinor,
  formatAmount,
  isCurrency,
  negateTotal,
  parseAmount,
  toDecimal,
  type AmountError,
  type AmountMinor,
  type Result,
  type Total,
} from '@sealbook/ledger'
import { deviceLocale } from '../platform/locale.ts'

/** What `ui/amount.tsx` takes. */
export interface MoneyText {
  readonly text: string
  readonly sign: -1 | 0 | 1
}

export { deviceLocale }

const minus = '\u2212'

/** Stands for an amount that is not there, not exact, or in no currency. */
const unreadable = '\u2026'

/** A movement: always with its sign, so that direction is never told by colour alone. */
export function flowText(amountMinor: Total | null, currency: string): MoneyText {
  return moneyText(amountMinor, currency, '+')
}

/** A balance or a size: with a sign only below zero. */
export function balanceText(amountMinor: Total | null, currency: string): MoneyText {
  return moneyText(amountMinor, currency, '')
}

/** What a person typed, read by the device's number format. */
export function parseMoney(text: string, currency: string): Result<AmountMinor, AmountError> {
  return parseAmount(text, currency, deviceLocale())
}

/**
 * The amount as a person would type it: no currency, no grouping, the device's decimal sign. Empty
 * where there is none or no currency, for the person to enter it.
 */
export function amountInputText(amountMinor: AmountMinor | null, currency: string): string {
  if (amountMinor === null || !isCurrency(currency)) return ''
  const parts = new Intl.NumberFormat(deviceLocale()).formatToParts(0.5)
  const decimalSign = parts.find((part) => part.type === 'decimal')?.value ?? '.'
  return toDecimal(amountMinor, currency).replace('.', decimalSign)
}

/** Why a typed text is no amount, and what to do about it. */
export function amountErrorText(error: AmountError, currency: string): string {
  switch (error.kind) {
    case 'empty':
      return 'Enter an amount.'
    case 'not-a-number':
      return `Enter a number, for instance ${amountInputText(asAmountMinor(125_050), currency)}.`
    case 'too-many-decimals':
      return error.allowed === 0
        ? `${currency} has no decimals.`
        : `${currency} has ${error.allowed} decimals at most.`
    case 'other-currency':
      return `This account is in ${currency}: enter the amount without “${error.found}”, or in ${currency}.`
    case 'too-large':
      return 'That is more than Sealbook can keep exactly.'
  }
}

function moneyText(amountMinor: Total | null, currency: string, plus: string): MoneyText {
  if (amountMinor === null) return { text: unreadable, sign: 0 }
  const sign = amountMinor > 0 ? 1 : amountMinor < 0 ? -1 : 0
  const isExact = typeof amountMinor === 'bigint' || Number.isSafeInteger(amountMinor)
  // A row may arrive before its account.
  if (!isCurrency(currency) || !isExact) return { text: unreadable, sign }
  const prefix = sign < 0 ? minus : sign > 0 ? plus : ''
  const size = sign < 0 ? negateTotal(amountMinor) : amountMinor
  return { text: `${prefix}${formatAmount(size, currency, deviceLocale())}`, sign }
}
