import { ArrowLeftRight, LayoutDashboard, Settings2, Shapes, WalletCards } from 'lucide-react'

/** The screens that navigation names. `key` follows `g` on the keyboard. */
export const places = [
  { to: '/', label: 'Overview', icon: LayoutDashboard, key: 'o' },
  { to: '/transactions', label: 'Transactions', icon: ArrowLeftRight, key: 't' },
  { to: '/accounts', label: 'Accounts', icon: WalletCards, key: 'a' },
  { to: '/categories', label: 'Categories', icon: Shapes, key: 'c' },
  { to: '/settings', label: 'Settings', icon: Settings2, key: 's' },
] as const

export type PlacePath = (typeof places)[number]['to']

/** The window's title, which never says anything about the ledger. */
export function titleOf(pathname: string): string {
  const place = places.find(({ to }) => to === pathname)
  if (place !== undefined) return `${place.label} · Sealbook`
  const title = unnamed[pathname]
  return title === undefined ? 'Sealbook' : `${title} · Sealbook`
}

/** Screens that navigation does not name. */
const unnamed: Readonly<Record<string, string>> = {
  '/problems': 'Problems',
  '/diagnostics': 'Diagnostics',
}
