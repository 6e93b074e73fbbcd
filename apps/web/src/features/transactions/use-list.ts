import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { currencyExponent } from '@sealbook/ledger'
import type { Account, Records } from '../../data/records.ts'
import { useDatabase, useWorkspaceId } from '../../data/session-context.tsx'
import type { Filters } from './filters.ts'
import type { ListSnapshot } from './list-snapshot.ts'
import { TransactionList } from './list-store.ts'
import { buildMatcher } from './search.ts'

/** A search starts when typing rests for this long. */
const searchDelayMs = 160

/**
 * The list that answers the filters and the search text, live. The same object for as long as the
 * workspace is: what shows it takes its snapshot by `useListSnapshot`, so that nothing else renders.
 */
export function useTransactionList(
  filters: Filters,
  searchText: string,
  accounts: Records<Account>,
): TransactionList {
  const database = useDatabase()
  const workspaceId = useWorkspaceId()
  const list = useMemo(() => new TransactionList(database, workspaceId), [database, workspaceId])
  useEffect(() => list.start(), [list])

  const search = useSettled(searchText.trim(), searchDelayMs)
  const { accountId, categoryId, month } = filters
  const currencyByAccountId = useStableCurrencies(accounts)
  useEffect(() => {
    if (currencyByAccountId === null) return
    const currencyOf = (id: string) => currencyByAccountId.get(id) ?? ''
    list.ask({
      filters: { accountId, categoryId, month },
      matcher: buildMatcher(search, (id) => exponentOf(currencyOf(id))),
      text: search,
      currencyOf,
      currencies: new Set(currencyByAccountId.values()).size > 1 ? 'several' : 'one',
    })
  }, [list, search, accountId, categoryId, month, currencyByAccountId])

  return list
}

/** Part of what the list shows; renders again only when that part is another. */
export function useListSnapshot<Part>(
  list: TransactionList,
  select: (snapshot: ListSnapshot) => Part,
): Part {
  return useSyncExternalStore(list.subscribe, () => select(list.getSnapshot()))
}

/** Of an account that has not arrived yet, the usual one. */
function exponentOf(currency: string): number {
  return currency === '' ? 2 : currencyExponent(currency)
}

/** The same map as long as no account appeared or changed its currency; null while loading. */
function useStableCurrencies(accounts: Records<Account>): ReadonlyMap<string, string> | null {
  const text = accounts.isLoading
    ? null
    : accounts.list.map((account) => `${account.id} ${account.currency}`).join('\n')
  return useMemo(() => {
    if (text === null) return null
    const lines = text === '' ? [] : text.split('\n')
    return new Map(lines.map((line) => line.split(' ') as [string, string]))
  }, [text])
}

/** The value that it has had for a while; an empty one counts at once. */
function useSettled(value: string, delayMs: number): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), value === '' ? 0 : delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return settled
}
