import { uuidPattern } from '@sealbook/schema'

/** Stands for "no category" in a filter and in the URL. */
export const noCategory = 'none'

/** What narrows the list, apart from the search text. Ids and a month only: they may be in a URL. */
export interface Filters {
  readonly accountId: string | null
  /** A category's id, or `noCategory`. */
  readonly categoryId: string | null
  /** `YYYY-MM`. */
  readonly month: string | null
}

export const noFilters: Filters = { accountId: null, categoryId: null, month: null }

/** The filters as URL search parameters. */
export interface FilterSearch {
  readonly account?: string
  readonly category?: string
  readonly month?: string
}

const monthPattern = /^\d{4}-(0[1-9]|1[0-2])$/

/** Reads filters from whatever the URL holds; what is not understood is left out. */
export function filtersFromSearch(search: Readonly<Record<string, unknown>>): Filters {
  const text = (name: string, pattern: RegExp) => {
    const value = search[name]
    return typeof value === 'string' && pattern.test(value) ? value : null
  }
  return {
    accountId: text('account', uuidPattern),
    categoryId: search['category'] === noCategory ? noCategory : text('category', uuidPattern),
    month: text('month', monthPattern),
  }
}

export function filtersToSearch(filters: Filters): FilterSearch {
  return {
    ...(filters.accountId === null ? {} : { account: filters.accountId }),
    ...(filters.categoryId === null ? {} : { category: filters.categoryId }),
    ...(filters.month === null ? {} : { month: filters.month }),
  }
}

export function hasFilters(filters: Filters): boolean {
  return filters.accountId !== null || filters.categoryId !== null || filters.month !== null
}

/** The days that a month filter lets through, as text that sorts like dates. */
export function dayBounds(filters: Filters): { readonly first: string; readonly last: string } {
  if (filters.month === null) return { first: '0000-01-01', last: '9999-12-31' }
  return { first: `${filters.month}-01`, last: `${filters.month}-31` }
}
