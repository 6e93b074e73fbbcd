import { currencyCodes, isCurrency } from '@sealbook/ledger'

export interface Currency {
  readonly code: string
  /** In the device's language; the code itself where the device knows no name. */
  readonly name: string
}

/** What of `Intl` this asks; parts of it are missing in some browsers. */
interface CurrencyData {
  readonly supportedValuesOf?: ((key: 'currency') => readonly string[]) | undefined
  readonly DisplayNames?: typeof Intl.DisplayNames | undefined
}

/**
 * Every currency that can be chosen, by name: the ledger's own list, which is the same on every
 * device, what the device knows besides (former currencies), and `chosen`, which another device
 * may have known.
 */
export function listCurrencies(
  locale: string,
  chosen: string | null = null,
  intl: CurrencyData = Intl,
): readonly Currency[] {
  const known = intl.supportedValuesOf?.('currency') ?? []
  const codes = new Set([...currencyCodes, ...known, ...(chosen === null ? [] : [chosen])])
  const nameOf = currencyNames(locale, intl)
  return [...codes]
    .filter(isCurrency)
    .map((code) => ({ code, name: nameOf(code) }))
    .sort((a, b) => a.name.localeCompare(b.name, locale))
}

function currencyNames(locale: string, { DisplayNames }: CurrencyData): (code: string) => string {
  if (DisplayNames === undefined) return (code) => code
  const names = new DisplayNames(locale, { type: 'currency' })
  return (code) => names.of(code) ?? code
}
