import type { StarterCategory } from '../../data/session-types.ts'
import type { Hue, IconName } from '../../ui/icon-tile.tsx'

type Starter = StarterCategory & { readonly icon: IconName; readonly colour: Hue }

const expense = (name: string, icon: IconName, colour: Hue): Starter => ({
  name,
  icon,
  colour,
  kind: 'expense',
})
const income = (name: string, icon: IconName, colour: Hue): Starter => ({
  name,
  icon,
  colour,
  kind: 'income',
})

/** Offered at the start, in this order. All of it can be renamed and removed later. */
export const starterCategories: readonly Starter[] = [
  expense('Groceries', 'basket', 'moss'),
  expense('Eating out', 'utensils', 'rust'),
  expense('Home', 'house', 'amber'),
  expense('Utilities', 'bulb', 'olive'),
  expense('Transport', 'bus', 'lagoon'),
  expense('Car', 'car', 'sky'),
  expense('Health', 'health', 'rose'),
  expense('Clothing', 'shirt', 'plum'),
  expense('Leisure', 'ticket', 'iris'),
  expense('Travel', 'plane', 'sky'),
  expense('Subscriptions', 'repeat', 'spruce'),
  expense('Gifts', 'gift', 'rose'),
  income('Salary', 'briefcase', 'spruce'),
  income('Interest', 'trend', 'moss'),
  income('Other income', 'coins', 'olive'),
]
