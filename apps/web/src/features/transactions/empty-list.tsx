import { ReceiptText, SearchX, TriangleAlert } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/surface.tsx'
import type { ListSnapshot } from './list-snapshot.ts'

/** Why there is no row, and what to do about it. */
export function EmptyList({
  snapshot,
  isNarrowed,
  onShowAll,
  onAdd,
}: {
  readonly snapshot: ListSnapshot
  /** A search or a filter is on. */
  readonly isNarrowed: boolean
  readonly onShowAll: () => void
  readonly onAdd: () => void
}) {
  if (snapshot.status === 'failed') {
    return (
      <EmptyState
        icon={<TriangleAlert aria-hidden />}
        title="The list could not be read"
        action={<Button onPress={() => window.location.reload()}>Load the page again</Button>}
      >
        The ledger on this device did not answer. If it happens again, close other tabs of Sealbook.
      </EmptyState>
    )
  }
  if (isNarrowed) {
    return (
      <EmptyState
        icon={<SearchX aria-hidden />}
        title={snapshot.progress === null ? 'Nothing matches' : 'Searching…'}
        action={<Button onPress={onShowAll}>Show all transactions</Button>}
      >
        No transaction answers this search and these filters.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      icon={<ReceiptText aria-hidden />}
      title="No transactions yet"
      action={
        <Button variant="primary" onPress={onAdd}>
          Add your first transaction
        </Button>
      }
    >
      Enter what you spend and receive. It stays readable on your devices only.
    </EmptyState>
  )
}
