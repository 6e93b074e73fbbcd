import { describe, expect, it } from 'vitest'
import { amountMarker, findMarkers, textMarker } from './markers.ts'

const payee = textMarker('payee', 'Marker-Payee-7f3a')
const amount = amountMarker('amount', '73195713.37', 7_319_571_337n)

describe('findMarkers', () => {
  it('finds a text as it is, in UTF-16, in hex and in base64 at every alignment', () => {
    const text = Buffer.from('Marker-Payee-7f3a')
    for (const prefix of ['', 'x', 'xy', 'xyz']) {
      const framed = Buffer.concat([Buffer.from(prefix), text, Buffer.from('tail')])
      for (const encoding of ['base64', 'base64url', 'hex'] as const)
        expect(findMarkers([payee], Buffer.from(framed.toString(encoding)))).toEqual(['payee'])
    }
    expect(findMarkers([payee], Buffer.from('Marker-Payee-7f3a', 'utf16le'))).toEqual(['payee'])
  })

  it('finds an amount as text, minor units, integer bytes and a double', () => {
    const integer = Buffer.alloc(8)
    integer.writeBigInt64BE(7_319_571_337n)
    const double = Buffer.alloc(8)
    double.writeDoubleLE(7_319_571_337)
    for (const haystack of [
      Buffer.from('a 73195713.37 b'),
      Buffer.from('7319571337'),
      integer,
      double,
    ])
      expect(findMarkers([amount], haystack)).toEqual(['amount'])
  })

  it('finds nothing where nothing is', () => {
    expect(findMarkers([payee, amount], Buffer.from('Marker-Payee-other 73195713.38'))).toEqual([])
  })
})
