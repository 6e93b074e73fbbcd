import { isDay, isFarDay } from '@sealbook/ledger'

/** A question about a day that is possible and yet hardly meant; null where there is none. */
export function farDayDoubt(day: string, today: string): string | null {
  if (!isDay(day) || !isFarDay(day, today)) return null
  return `The year ${day.slice(0, 4)} is far off. Save again if it is right.`
}
