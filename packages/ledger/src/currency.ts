/**
 * Decimals of a currency's minor unit, by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD.
 * Not asked of `Intl`, whose data follow customs of display (HUF 0 instead of 2, in V8) and change
 * with the platform's version: two devices would read one stored amount differently.
 * @throws on what is not three capital letters.
 */
export function currencyExponent(code: string): number {
  if (!isCurrency(code)) throw new RangeError('not an ISO 4217 code')
  return exponentsOtherThanTwo.get(code) ?? 2
}

/** Whether the text has the form of an ISO 4217 code; one that is not in the list has two decimals. */
export function isCurrency(code: string): boolean {
  return /^[A-Z]{3}$/.test(code)
}

/** ISO 4217, list one, of 2026-01-01. */
export const exponentsOtherThanTwo = new Map([
  ...pairs(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...pairs(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...pairs(4, 'CLF UYW'),
])

function pairs(exponent: number, codes: string): [string, number][] {
  return codes.split(' ').map((code) => [code, exponent])
}
