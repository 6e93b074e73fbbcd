import { useCallback, useMemo, useRef, useState } from 'react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { dayOf } from '@sealbook/ledger'
import { Plus, Wallet } from 'lucide-react'
import { useEditLink } from '../../data/edit-link.ts'
import { useLiveQuery } from '../../data/live-query.ts'
import { hasArrived, useAccounts, useCategories, useWorkspaceSettings } from '../../data/records.ts'
import { useDatabase } from '../../data/session-context.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.tsx'
import { Page, PageHeader } from '../../ui/page.tsx'
import { Card, EmptyState } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'
import { deleteTransaction, restoreTransaction } from './commands.ts'
import { FilterBar } from './filter-bar.tsx'
import { filtersFromSearch, filtersToSearch, type Filters } from './filters.ts'
import { ListPane } from './list-pane.tsx'
import { rowQuery, type TransactionRow } from './queries.ts'
import type { TransactionList } from './list-store.ts'
import { TransactionDialog, type TransactionDialogProps } from './transaction-dialog.tsx'
import { useTransactionList } from './use-list.ts'

/** Every transaction: search, filters, months, and entry. */
export function TransactionsScreen() {
  const [filters, setFilters] = useFilters()
  const [searchText, setSearchText] = useState('')
  const [editing, setEditing] = useState<{ readonly row: TransactionRow | null } | null>(null)
  const [linkedId, closeLink] = useEditLink()
  const accounts = useAccounts()
  const categories = useCategories()
  const settings = useWorkspaceSettings()
  const list = useTransactionList(filters, searchText, accounts)
  const remove = useDeleteWithUndo()
  const searchRef = useRef<HTMLInputElement>(null)
  const today = dayOf(new Date())

  const hasAccounts = accounts.list.some((account) => account.archivedAt === null)
  const isHere = hasArrived(accounts, settings)
  const open = useCallback((row: TransactionRow) => setEditing({ row }), [])
  const add = () => setEditing({ row: null })
  const addIfPossible = () => {
    if (hasAccounts) add()
  }
  useCommand('new-transaction', addIfPossible, !accounts.isLoading)
  useCommand('search', () => searchRef.current?.focus())

  if (isHere && !accounts.isLoading && accounts.list.length === 0) {
    return (
      <Page width="wide">
        <PageHeader title="Transactions" />
        <Card>
          <EmptyState
            icon={<Wallet aria-hidden />}
            title="First, an account"
            action={
              <LinkButton variant="primary" href="/accounts">
                Add an account
              </LinkButton>
            }
          >
            Transactions belong to an account: your bank account, a card, or the cash in your
            pocket.
          </EmptyState>
        </Card>
      </Page>
    )
  }
  const form = {
    accountId:
      filters.accountId ??
      newestAccountId(list) ??
      accounts.list.find((account) => account.archivedAt === null)?.id ??
      null,
    today,
    accounts,
    categories,
    onDelete: remove,
  }
  return (
    <Page width="wide">
      <PageHeader
        title="Transactions"
        actions={
          // On a phone the shell's tab bar has it.
          <span className="hidden desk:block">
            <Button
              icon={<Plus className="size-4.5" aria-hidden />}
              isDisabled={!hasAccounts}
              onPress={add}
            >
              Add transaction
            </Button>
          </span>
        }
      />
      <FilterBar
        filters={filters}
        onFiltersChange={setFilters}
        searchText={searchText}
        onSearchChange={setSearchText}
        searchRef={searchRef}
        accounts={accounts}
        categories={categories}
        list={list}
      />
      <ListPane
        list={list}
        filters={filters}
        onFiltersChange={setFilters}
        isSearching={searchText.trim() !== ''}
        onSearchClear={() => setSearchText('')}
        accounts={accounts}
        categories={categories}
        today={today}
        isLoading={!isHere}
        onOpen={open}
        onAdd={add}
        onDelete={remove}
      />
      {editing !== null ? (
        <TransactionDialog {...form} row={editing.row} onClose={() => setEditing(null)} />
      ) : (
        linkedId !== null && <LinkedTransaction {...form} id={linkedId} onClose={closeLink} />
      )}
    </Page>
  )
}

/** The form of the row that the address names, if it is there. */
function LinkedTransaction({
  id,
  ...form
}: Omit<TransactionDialogProps, 'row'> & { readonly id: string }) {
  const { sql, parameters } = rowQuery(id)
  const { data } = useLiveQuery<TransactionRow>(sql, parameters)
  const [row, setRow] = useState<TransactionRow | null>(null)
  if (row === null && data[0] !== undefined) setRow(data[0])
  return row === null ? null : <TransactionDialog {...form} row={row} />
}

/** Where the person last entered something. */
function newestAccountId(list: TransactionList): string | null {
  const snapshot = list.getSnapshot()
  return snapshot.rowAt(snapshot.layout.days[0]?.day ?? '', 0)?.account_id ?? null
}

/** Filters live in the URL, so that back, reload and a bookmark keep them. */
function useFilters(): readonly [Filters, (filters: Filters) => void] {
  const navigate = useNavigate()
  const search: unknown = useSearch({ strict: false })
  const filters = useMemo(() => filtersFromSearch(search as Record<string, unknown>), [search])
  const setFilters = useCallback(
    (next: Filters) => {
      window.scrollTo({ top: 0 })
      void navigate({ to: '.', search: filtersToSearch(next), replace: true, resetScroll: false })
    },
    [navigate],
  )
  return [filters, setFilters]
}

function useDeleteWithUndo(): (row: TransactionRow) => void {
  const database = useDatabase()
  const toast = useToast()
  return (row) => {
    void deleteTransaction(database, row.id).then((taken) => {
      if (taken === null) return
      toast({
        title: 'Transaction deleted',
        ...(row.payee === null || row.payee === '' ? {} : { detail: row.payee }),
        action: { label: 'Undo', onAction: () => void restoreTransaction(database, taken) },
      })
    })
  }
}
