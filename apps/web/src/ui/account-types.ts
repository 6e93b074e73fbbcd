import type { Hue, IconName } from './icon-tile.tsx'

/** What the interface calls each type of account, in the order in which they are offered. */
export const accountTypes = [
  { id: 'checking', label: 'Current account', icon: 'bank', colour: 'spruce' },
  { id: 'savings', label: 'Savings', icon: 'piggy', colour: 'moss' },
  { id: 'cash', label: 'Cash', icon: 'cash', colour: 'olive' },
  { id: 'card', label: 'Credit card', icon: 'card', colour: 'sky' },
  { id: 'investment', label: 'Investment', icon: 'trend', colour: 'iris' },
  { id: 'other', label: 'Other', icon: 'wallet', colour: 'stone' },
] as const satisfies readonly { id: string; label: string; icon: IconName; colour: Hue }[]

type AccountTypeLook = (typeof accountTypes)[number]

/** A type from a newer version looks like any other account. */
export function accountTypeLook(type: string): AccountTypeLook {
  return accountTypes.find(({ id }) => id === type) ?? accountTypes[accountTypes.length - 1]!
}
