import { isIP } from 'node:net'

/** Fastify's `trustProxy`: everybody, nobody, or these addresses and networks. */
export type TrustProxy = boolean | string

const namedNetworks = new Set(['loopback', 'linklocal', 'uniquelocal'])

/**
 * Reads `TRUST_PROXY`: `true`, `false`, or addresses and networks separated by commas. Unset is
 * `false`. A number of hops is refused: Fastify then trusts nobody, as it cannot tell who asks.
 * @throws on anything else: the operator's mistake.
 */
export function readTrustProxy(text: string | undefined): TrustProxy {
  const given = text?.trim() ?? ''
  if (given === '' || given === 'false') return false
  if (given === 'true') return true
  const networks = given.split(',').map((part) => part.trim())
  if (networks.every(isNetwork)) return networks.join(',')
  throw new Error('TRUST_PROXY is true, false, or the addresses and networks of the proxies')
}

function isNetwork(text: string): boolean {
  if (namedNetworks.has(text)) return true
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
