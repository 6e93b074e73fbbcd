import type { ListScope } from './changes.ts'
import { noFilters, type Filters } from './filters.ts'
import { emptyLayout, type ListLayout } from './layout.ts'
import type { TransactionRow } from './queries.ts'
import type { Matcher } from './search.ts'

/** What the list shows. A new object whenever anything in it is different. */
export interface ListSnapshot {
  /** `loading` only until the first layout: later ones replace what is shown. */
  readonly status: 'loading' | 'ready' | 'failed'
  readonly layout: ListLayout
  /** The filters and the search that `layout` answers. */
  readonly filters: Filters
  readonly searched: boolean
  /** The search text that it answers; another one may still be under way. */
  readonly text: string
  /** Rows looked through by a search that still runs. */
  readonly progress: { readonly done: number; readonly total: number } | null
  /** Null while the row is being read. */
  rowAt(day: string, position: number): TransactionRow | null
}

export interface ListQuestion extends ListScope {
  readonly matcher: Matcher | null
  /** What the person typed for `matcher`. */
  readonly text: string
}

/** Before the first answer. */
export const loadingList: ListSnapshot = {
  status: 'loading',
  layout: emptyLayout,
  filters: noFilters,
  searched: false,
  text: '',
  progress: null,
  rowAt: () => null,
}
