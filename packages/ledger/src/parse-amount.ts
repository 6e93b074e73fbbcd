import { maxAmountMinor, type AmountMinor } from './amount.ts'
import { readAmountMarks } from './amount-marks.ts'
import { currencyExponent } from './currency.ts'
import { toPlainCharacters } from './plain-characters.ts'
import { failure, success, type Result } from './result.ts'

/** Why a text is no amount. `allowed` is the currency's number of decimals. */
export type AmountError =
  | { readonly kind: 'empty' }
  | { readonly kind: 'not-a-number' }
  | { readonly kind: 'too-many-decimals'; readonly allowed: number }
  | { readonly kind: 'too-large' }
  /** The sign or code of another currency stands beside it. */
  | { readonly kind: 'other-currency'; readonly found: string }

/**
 * The amount that a person typed or pasted: `1,234.56`, `1.234,56`, `1 234,56`, `1'234.56`, with or
 * without a sign, brackets or the currency before or behind, in any script's digits. Where one
 * separator could be either (`1.234`), the locale decides; everything else reads alike in every
 * locale. Nothing is rounded, and another currency's sign is not taken for this one's.
 */
export function parseAmount(
  text: string,
  currency: string,
  locale = 'en',
): Result<AmountMinor, AmountError> {
  const exponent = currencyExponent(currency)
  const format = localeFormat(locale)
  const typed = toPlainCharacters(text)
  if (typed === '') return failure({ kind: 'empty' })
  const marks = readAmountMarks(typed, currency, locale)
  const parts = marks === undefined ? undefined : splitDecimals(marks.body, format)
  if (marks === undefined || parts === undefined) return failure({ kind: 'not-a-number' })
  if (marks.otherCurrency !== null) {
    return failure({ kind: 'other-currency', found: marks.otherCurrency })
  }
  const { whole, decimals } = parts
  if (decimals.length > exponent) return failure({ kind: 'too-many-decimals', allowed: exponent })
  const minorUnits = BigInt(whole + decimals.padEnd(exponent, '0'))
  if (minorUnits > BigInt(maxAmountMinor)) return failure({ kind: 'too-large' })
  const size = Number(minorUnits)
  return success((marks.isNegative && size !== 0 ? -size : size) as AmountMinor)
}

interface LocaleFormat {
  readonly group: string
  readonly decimal: string
}

interface Digits {
  readonly whole: string
  readonly decimals: string
}

/** Asking `Intl` takes longer than parsing. */
const formats = new Map<string, LocaleFormat>()

function localeFormat(locale: string): LocaleFormat {
  const known = formats.get(locale)
  if (known !== undefined) return known
  const format = readLocale(locale)
  formats.set(locale, format)
  return format
}

function readLocale(locale: string): LocaleFormat {
  const parts = new Intl.NumberFormat(locale).formatToParts(-1_234_567.8)
  const part = (type: string) => parts.find((each) => each.type === type)?.value
  return {
    group: plainSeparator(part('group') ?? ','),
    decimal: plainSeparator(part('decimal') ?? '.'),
  }
}

function plainSeparator(separator: string): string {
  const plain = toPlainCharacters(separator)
  return plain === '' ? ' ' : plain
}

function splitDecimals(body: string, format: LocaleFormat): Digits | undefined {
  const separators = new Set(body.replace(/[0-9]/g, ''))
  if (body.replace(/[^0-9]/g, '') === '') return undefined
  if (separators.size > 2) return undefined
  if (separators.size === 0) return { whole: body, decimals: '' }
  const [first = '', second] = separators
  if (!isSeparator(first, format)) return undefined
  if (second !== undefined) {
    return isDecimal(second, format) ? split(body, first, second) : undefined
  }
  const grouped = split(body, first, '')
  const decimal = isDecimal(first, format) ? split(body, '', first) : undefined
  return first === format.group ? (grouped ?? decimal) : (decimal ?? grouped)
}

const arabicDecimal = '\u066b'
const arabicGroup = '\u066c'

function isDecimal(separator: string, { decimal }: LocaleFormat): boolean {
  return (
    separator === '.' || separator === ',' || separator === arabicDecimal || separator === decimal
  )
}

function isSeparator(separator: string, format: LocaleFormat): boolean {
  return (
    separator === ' ' ||
    separator === "'" ||
    separator === arabicGroup ||
    separator === format.group ||
    isDecimal(separator, format)
  )
}

/** Undefined when the groups are not of three digits (or two before the last, as in India). */
function split(body: string, group: string, decimal: string): Digits | undefined {
  const [whole = '', decimals = '', ...more] = decimal === '' ? [body] : body.split(decimal)
  if (more.length > 0 || !/^[0-9]*$/.test(decimals)) return undefined
  if (group === '') return /^[0-9]*$/.test(whole) ? { whole, decimals } : undefined
  const groups = whole.split(group)
  if (!groups.every((each) => /^[0-9]+$/.test(each))) return undefined
  const lengths = groups.map((each) => each.length)
  const [head = 0, ...rest] = lengths
  const isWestern = head <= 3 && rest.every((length) => length === 3)
  const isIndian =
    head <= 2 && rest.every((length, i) => length === (i === rest.length - 1 ? 3 : 2))
  return isWestern || isIndian ? { whole: groups.join(''), decimals } : undefined
}
