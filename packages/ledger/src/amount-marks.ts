import { isCurrency } from './currency.ts'

/** What stood around the digits of an amount. */
export interface AmountMarks {
  /** Digits and what separates them. */
  readonly body: string
  readonly isNegative: boolean
  /** A currency's sign or code that is not the amount's own, as it was written. */
  readonly otherCurrency: string | null
}

/**
 * Takes sign, accounting brackets and currency off an amount in plain characters, before or behind:
 * `-€5`, `5,00 EUR`, `(5.00)`, `CHF 12.-`, `5-`. Undefined where they contradict one another.
 */
export function readAmountMarks(
  text: string,
  currency: string,
  locale: string,
): AmountMarks | undefined {
  const own = ownMarks(currency, locale)
  let body = text
  let sign: '+' | '-' | null = null
  let otherCurrency: string | null = null
  for (let before = ''; before !== body;) {
    before = body
    body = body.trim()
    if (/^\(.*\)$/s.test(body)) {
      if (sign !== null) return undefined
      sign = '-'
      body = body.slice(1, -1)
      continue
    }
    const first = body.charAt(0)
    const last = body.charAt(body.length - 1)
    if (sign === null && (first === '-' || first === '+')) {
      sign = first
      body = body.slice(1)
      continue
    }
    // `12.-` and `12,--`: no decimals, as prices are written by hand.
    const noDecimals = /^(.*[0-9])[.,]--?$/s.exec(body)
    if (noDecimals !== null) {
      body = noDecimals[1] ?? ''
      continue
    }
    if (sign === null && (last === '-' || last === '+')) {
      sign = last
      body = body.slice(0, -1)
      continue
    }
    const mark = currencyMark(body)
    if (mark === null) continue
    if (!own.has(fold(mark.text))) {
      if (otherCurrency !== null || !mark.isKnown) return undefined
      otherCurrency = mark.text
    }
    body = mark.rest
  }
  return { body, isNegative: sign === '-', otherCurrency }
}

interface CurrencyMark {
  readonly text: string
  readonly rest: string
  /** A code's form or a currency sign: a currency, even if not this one. */
  readonly isKnown: boolean
}

/** Letters and currency signs at one end of the text. */
function currencyMark(text: string): CurrencyMark | null {
  const inFront = /^([^0-9\s.,'()+-][^0-9\s,'()+-]*)(.*)$/s.exec(text)
  if (inFront !== null) return markOf(inFront[1] ?? '', inFront[2] ?? '')
  const behind = /^(.+?)([^0-9\s.,'()+-][^0-9\s,'()+-]*)$/s.exec(text)
  return behind === null ? null : markOf(behind[2] ?? '', behind[1] ?? '')
}

function markOf(text: string, rest: string): CurrencyMark {
  return { text, rest, isKnown: isCurrency(text.toUpperCase()) || /\p{Sc}/u.test(text) }
}

/** The code, the signs that the platform knows in this language and in English, and customary ones. */
function ownMarks(currency: string, locale: string): ReadonlySet<string> {
  const key = `${locale} ${currency}`
  const known = marks.get(key)
  if (known !== undefined) return known
  const signs = [locale, 'en'].flatMap((language) => [
    signOf(currency, language, 'symbol'),
    signOf(currency, language, 'narrowSymbol'),
  ])
  const all = [currency, ...signs, ...(customary.get(currency) ?? [])]
  // A sign of two words, as `F CFA`, is met word by word.
  const own = new Set(all.flatMap((sign) => sign.split(/\s/)).map(fold))
  marks.set(key, own)
  return own
}

/** Asking `Intl` takes longer than parsing. */
const marks = new Map<string, ReadonlySet<string>>()

function signOf(currency: string, locale: string, display: 'symbol' | 'narrowSymbol'): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: display,
  })
  const sign = format.formatToParts(0).find(({ type }) => type === 'currency')?.value
  return sign ?? currency
}

/** Without case, marks of direction and the point of an abbreviation. */
function fold(mark: string): string {
  return mark.replace(/[\u200e\u200f\u061c\s.]/g, '').toLowerCase()
}

/** Written by people and banks, and not by `Intl`. */
const customary = new Map<string, readonly string[]>([
  ['AUD', ['A$', 'AU$']],
  ['CAD', ['C$', 'CA$']],
  ['CHF', ['Fr', 'SFr', 'Frs']],
  ['CNY', ['元', '¥', 'RMB']],
  ['CZK', ['Kč']],
  ['DKK', ['kr']],
  ['GBP', ['£', '￡']],
  ['HUF', ['Ft']],
  ['INR', ['Rs', '₹']],
  ['ISK', ['kr']],
  ['JPY', ['円', '¥', '￥']],
  ['KRW', ['원', '￦']],
  ['NOK', ['kr']],
  ['NZD', ['NZ$']],
  ['PKR', ['Rs']],
  ['PLN', ['zł', 'zl']],
  ['RUB', ['₽', 'руб', 'р']],
  ['SEK', ['kr']],
  ['TRY', ['TL']],
  ['UAH', ['грн']],
  ['USD', ['$', '＄', 'US$']],
  ['XAF', ['FCFA', 'CFA']],
  ['XOF', ['FCFA', 'CFA']],
])
