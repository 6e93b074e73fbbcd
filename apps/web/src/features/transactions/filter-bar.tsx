import { memo, type RefObject } from 'react'
import { X } from 'lucide-react'
import { deviceLocale } from '../../data/money.ts'
import type { Account, Category, Records } from '../../data/records.ts'
import { Button } from '../../ui/button.tsx'
import { monthText } from '../../ui/dates.ts'
import { IconTile } from '../../ui/icon-tile.tsx'
import { ProgressBar } from '../../ui/progress.tsx'
import { Select } from '../../ui/select.tsx'
import { SearchField } from '../../ui/text-field.tsx'
import { hasFilters, noCategory, noFilters, type Filters } from './filters.ts'
import type { TransactionList } from './list-store.ts'
import { useListSnapshot } from './use-list.ts'

/** Stands for "no filter" in the two lists. */
const all = 'all'

export interface FilterBarProps {
  readonly filters: Filters
  readonly onFiltersChange: (filters: Filters) => void
  readonly searchText: string
  readonly onSearchChange: (text: string) => void
  readonly searchRef: RefObject<HTMLInputElement | null>
  readonly accounts: Records<Account>
  readonly categories: Records<Category>
  readonly list: TransactionList
}

/** Search and filters, what of them is on, and how much they leave. */
export const FilterBar = memo(function FilterBar({
  filters,
  onFiltersChange,
  searchText,
  onSearchChange,
  searchRef,
  accounts,
  categories,
  list,
}: FilterBarProps) {
  return (
    <div role="search" aria-label="Transactions" className="mb-4 print:hidden">
      <div className="grid grid-cols-2 gap-2.5 desk:grid-cols-[minmax(0,1fr)_14rem_14rem]">
        <SearchField
          label="Search transactions"
          placeholder="Search payee, note or amount"
          value={searchText}
          onChange={onSearchChange}
          inputProps={{ ref: searchRef }}
          className="col-span-2 desk:col-span-1"
        />
        <Select
          label="Filter by account"
          hideLabel
          compact
          options={[
            { id: all, label: 'All accounts' },
            ...accounts.list.map((account) => ({ id: account.id, label: account.name })),
          ]}
          value={filters.accountId ?? all}
          onChange={(id) => onFiltersChange({ ...filters, accountId: id === all ? null : id })}
        />
        <Select
          label="Filter by category"
          hideLabel
          compact
          groups={categoryGroups(categories.list)}
          value={filters.categoryId ?? all}
          onChange={(id) => onFiltersChange({ ...filters, categoryId: id === all ? null : id })}
        />
      </div>
      <SearchProgress list={list} />
      {(hasFilters(filters) || searchText !== '') && (
        <div className="mt-2 flex flex-wrap items-center gap-2">
          {filters.accountId !== null && (
            <Chip
              text={accounts.byId.get(filters.accountId)?.name ?? 'Unknown account'}
              onRemove={() => onFiltersChange({ ...filters, accountId: null })}
            />
          )}
          {filters.categoryId !== null && (
            <Chip
              text={
                filters.categoryId === noCategory
                  ? 'No category'
                  : (categories.byId.get(filters.categoryId)?.name ?? 'Unknown category')
              }
              onRemove={() => onFiltersChange({ ...filters, categoryId: null })}
            />
          )}
          {filters.month !== null && (
            <Chip
              text={monthText(filters.month, deviceLocale())}
              onRemove={() => onFiltersChange({ ...filters, month: null })}
            />
          )}
          <FoundCount list={list} searchText={searchText.trim()} />
          <Button
            variant="ghost"
            size="sm"
            onPress={() => {
              onSearchChange('')
              onFiltersChange(noFilters)
            }}
          >
            Clear all
          </Button>
        </div>
      )}
    </div>
  )
})

/** Always takes its 6 pixels, so that nothing moves when a search begins. */
function SearchProgress({ list }: { list: TransactionList }) {
  const progress = useListSnapshot(list, (snapshot) => snapshot.progress)
  return (
    <div className="mt-1 h-1.5">
      {progress !== null && (
        <ProgressBar label="Searching" value={progress.done / Math.max(1, progress.total)} />
      )}
    </div>
  )
}

/** The count belongs to what is asked, not to the answer before it. */
function FoundCount({ list, searchText }: { list: TransactionList; searchText: string }) {
  const text = useListSnapshot(list, (snapshot) => {
    if (snapshot.text !== searchText) return 'Searching…'
    const count = snapshot.layout.rowCount
    const found = `${count.toLocaleString(deviceLocale())} ${count === 1 ? 'transaction' : 'transactions'}`
    return snapshot.progress === null ? found : `${found} so far`
  })
  return (
    <span className="text-sm text-ink-soft" role="status">
      {text}
    </span>
  )
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <Button
      size="sm"
      aria-label={`Remove filter ${text}`}
      onPress={onRemove}
      className="rounded-full"
    >
      <span className="max-w-48 truncate">{text}</span>
      <X className="size-4" aria-hidden />
    </Button>
  )
}

function categoryGroups(categories: readonly Category[]) {
  const options = (kind: Category['kind']) =>
    categories
      .filter((category) => category.kind === kind)
      .map((category) => ({
        id: category.id,
        label: category.name,
        icon: <IconTile size="sm" icon={category.icon} colour={category.colour} />,
      }))
  return [
    {
      id: 'any',
      heading: 'Any',
      options: [
        { id: all, label: 'All categories' },
        { id: noCategory, label: 'No category' },
      ],
    },
    { id: 'expense', heading: 'Expenses', options: options('expense') },
    { id: 'income', heading: 'Income', options: options('income') },
  ].filter((group) => group.options.length > 0)
}
