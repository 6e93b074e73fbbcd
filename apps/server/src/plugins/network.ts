import { isIPv6 } from 'node:net'

/** Of an IPv6 address, what a provider gives to one customer: the rest is theirs to choose. */
const customerGroups = 4

/**
 * The network that a client comes from, as limits count it: an IPv4 address, or the first 64 bits
 * of an IPv6 one. An IPv4 address that is written as IPv6 counts as what it is.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  const [bare = ''] = address.split('%')
  if (!isIPv6(bare)) return address
  const [head = '', tail] = bare.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  // Dotted digits at the end stand for two groups.
  const width = last.length + (last.at(-1)?.includes('.') ? 1 : 0)
  const zeros = tail === undefined ? 0 : 8 - groups.length - width
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...last]
  const network = all.slice(0, customerGroups).map((group) => parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
