import { isDay, readAmount } from '@sealbook/ledger'
import { balanceText, deviceLocale } from '../../data/money.ts'
import { useAccounts, useCategories } from '../../data/records.ts'
import type { ValueWords } from './problem-differences.ts'

/** Words in the device's language and format, with the ledger's own names. */
export function useValueWords(): ValueWords {
  const accounts = useAccounts()
  const categories = useCategories()
  return {
    money: (amountMinor, currency) => balanceText(readAmount(amountMinor), currency).text,
    date: (day) =>
      isDay(day)
        ? new Intl.DateTimeFormat(deviceLocale(), { dateStyle: 'medium', timeZone: 'UTC' }).format(
            new Date(`${day}T00:00:00Z`),
          )
        : day,
    account: (id) => accounts.byId.get(id),
    category: (id) => categories.byId.get(id)?.name,
  }
}
