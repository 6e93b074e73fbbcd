import { deviceLocale, flowText } from '../../data/money.ts'
import type { Account, Category, Records } from '../../data/records.ts'
import { countText } from '../../platform/locale.ts'
import { Amount } from '../../ui/amount.tsx'
import { dayText } from '../../ui/dates.ts'
import { netOf } from './days.ts'
import type { ListDay } from './layout.ts'
import type { ListSnapshot } from './list-snapshot.ts'

/** Paper shows a selection, or one month of a list that goes on for years. */
export interface PrintedListProps {
  readonly snapshot: ListSnapshot
  readonly days: readonly ListDay[]
  /** What is printed: "November 2026", or what was searched for. */
  readonly title: string
  readonly accounts: Records<Account>
  readonly categories: Records<Category>
  readonly today: string
}

/** The rows of the list as a table without a window. Rows that are not read yet are counted. */
export function PrintedList({
  snapshot,
  days,
  title,
  accounts,
  categories,
  today,
}: PrintedListProps) {
  const count = days.reduce((sum, day) => sum + day.count, 0)
  const missing = days.reduce((sum, day) => sum + day.count - rowsOf(snapshot, day).length, 0)
  return (
    <div className="hidden print:block">
      <p className="mb-3 font-medium">
        {title}: {count === 1 ? '1 transaction' : `${countText(count)} transactions`}
      </p>
      {missing > 0 && (
        <p className="mb-3 font-medium">
          {missing === 1 ? '1 of them is' : `${countText(missing)} of them are`} not on this sheet,
          as the list had not read {missing === 1 ? 'it' : 'them'} yet. Choose a month, scroll
          through it, and print again.
        </p>
      )}
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line-strong text-left">
            <th className="py-1 pr-3 font-medium">Payee</th>
            <th className="py-1 pr-3 font-medium">Category</th>
            <th className="py-1 pr-3 font-medium">Account</th>
            <th className="py-1 text-right font-medium">Amount</th>
          </tr>
        </thead>
        {days.map((day) => (
          <tbody key={day.day}>
            <tr className="break-after-avoid border-b border-line font-semibold">
              <th colSpan={3} className="pt-3 pb-1 text-left font-semibold">
                {dayText(day.day, today, deviceLocale())}
              </th>
              <td className="pt-3 pb-1 text-right">
                {day.sums.map((sum) => (
                  <span key={sum.currency} className="block">
                    <Amount {...flowText(netOf(sum), sum.currency)} size="sm" />
                  </span>
                ))}
              </td>
            </tr>
            {rowsOf(snapshot, day).map((row) => {
              const account = accounts.byId.get(row.account_id)
              const category = categories.byId.get(row.category_id ?? '')
              return (
                <tr key={row.id} className="break-inside-avoid border-b border-line align-top">
                  <td className="py-1 pr-3 break-words">
                    {row.payee !== null && row.payee !== '' ? row.payee : 'No payee'}
                    {row.note !== null && row.note !== '' && (
                      <span className="block text-ink-soft">{row.note}</span>
                    )}
                  </td>
                  <td className="py-1 pr-3">{category?.name ?? 'No category'}</td>
                  <td className="py-1 pr-3">{account?.name ?? ''}</td>
                  <td className="py-1 text-right whitespace-nowrap">
                    <Amount {...flowText(row.amount, account?.currency ?? '')} size="sm" />
                    {row.status === 'pending' && <span className="block">Pending</span>}
                  </td>
                </tr>
              )
            })}
          </tbody>
        ))}
      </table>
    </div>
  )
}

function rowsOf(snapshot: ListSnapshot, { day, count }: ListDay) {
  return Array.from({ length: count }, (_, position) => snapshot.rowAt(day, position)).filter(
    (row) => row !== null,
  )
}
