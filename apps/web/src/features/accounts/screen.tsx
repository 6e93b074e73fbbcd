import { useState } from 'react'
import { Archive, ArrowDown, ArrowUp, Pencil, Plus, Trash2, Undo2, Wallet } from 'lucide-react'
import { useBalances, totalsByCurrency, type Balances } from '../../data/balances.ts'
import { useEditLink } from '../../data/edit-link.ts'
import { balanceText } from '../../data/money.ts'
import { useAccounts, useWorkspaceSettings, type Account } from '../../data/records.ts'
import { useDatabase, useSyncState, useWorkspaceId } from '../../data/session-context.tsx'
import { countText } from '../../platform/locale.ts'
import { Button } from '../../ui/button.tsx'
import { CurrencyTotals } from '../../ui/currency-totals.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import type { MenuAction } from '../../ui/menu.tsx'
import { Page, PageHeader, Section } from '../../ui/page.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { Card, EmptyState } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'
import { AccountDialog } from './account-dialog.tsx'
import { AccountRow } from './account-row.tsx'
import { archiveAccount, deleteAccount, moveAccount } from './commands.ts'

type Editing = { readonly account: Account | null } | null

/** Where the money is: accounts with their balances, and what they come to. */
export function AccountsScreen() {
  const accounts = useAccounts()
  const balances = useBalances()
  const settings = useWorkspaceSettings()
  const [chosen, setEditing] = useState<Editing>(null)
  const [linkedId, closeLink] = useEditLink()
  const linked = accounts.byId.get(linkedId ?? '')
  const editing = chosen ?? (linked === undefined ? null : { account: linked })
  const [deleting, setDeleting] = useState<Account | null>(null)
  const open = accounts.list.filter((account) => account.archivedAt === null)
  const archived = accounts.list.filter((account) => account.archivedAt !== null)
  const actionsOf = useAccountActions({ open, balances, onEdit: setEditing, onDelete: setDeleting })
  // The first account's dialog needs the workspace's currency.
  const isReady =
    !accounts.isLoading && !balances.isLoading && (accounts.list.length > 0 || settings !== null)

  return (
    <Page>
      <PageHeader
        title="Accounts"
        actions={
          open.length > 0 && (
            <Button
              icon={<Plus className="size-4.5" aria-hidden />}
              onPress={() => setEditing({ account: null })}
            >
              Add account
            </Button>
          )
        }
      />
      {!isReady ? (
        <AccountsSkeleton />
      ) : accounts.list.length === 0 ? (
        <Card>
          <EmptyState
            icon={<Wallet aria-hidden />}
            title="No account yet"
            action={
              <Button variant="primary" onPress={() => setEditing({ account: null })}>
                Add account
              </Button>
            }
          >
            Add the places where your money is: a bank account, a card, cash.
          </EmptyState>
        </Card>
      ) : (
        <>
          <Totals accounts={open} balances={balances} />
          {open.length > 0 && (
            <AccountList
              label="Accounts"
              accounts={open}
              balances={balances}
              actionsOf={actionsOf}
              onEdit={(account) => setEditing({ account })}
            />
          )}
          {archived.length > 0 && (
            <Section title="Archived">
              <AccountList
                label="Archived accounts"
                accounts={archived}
                balances={balances}
                actionsOf={actionsOf}
                onEdit={(account) => setEditing({ account })}
              />
            </Section>
          )}
        </>
      )}
      {editing !== null && (
        <AccountDialog
          account={editing.account}
          accounts={accounts.list}
          usualCurrency={settings?.currency || null}
          transactions={editing.account === null ? 0 : balances.transactionsOf(editing.account.id)}
          onClose={() => {
            setEditing(null)
            closeLink()
          }}
        />
      )}
      <DeleteDialog
        account={deleting}
        transactions={deleting === null ? 0 : balances.transactionsOf(deleting.id)}
        onClose={() => setDeleting(null)}
      />
    </Page>
  )
}

function AccountList({
  label,
  accounts,
  balances,
  actionsOf,
  onEdit,
}: {
  label: string
  accounts: readonly Account[]
  balances: Balances
  actionsOf: (account: Account) => readonly MenuAction[]
  onEdit: (account: Account) => void
}) {
  return (
    <Card flush>
      <ul aria-label={label} className="divide-y divide-line">
        {accounts.map((account) => (
          <AccountRow
            key={account.id}
            account={account}
            balance={balanceText(balances.balanceOf(account), account.currency)}
            transactions={balances.transactionsOf(account.id)}
            actions={actionsOf(account)}
            onEdit={() => onEdit(account)}
          />
        ))}
      </ul>
    </Card>
  )
}

function Totals({ accounts, balances }: { accounts: readonly Account[]; balances: Balances }) {
  const { hasSynced } = useSyncState()
  const totals = totalsByCurrency(accounts, balances.balanceOf)
  if (totals.length === 0) return null
  return (
    <CurrencyTotals
      className="mb-6"
      totals={totals.map(({ currency, total }) => ({ currency, ...balanceText(total, currency) }))}
      isComplete={hasSynced}
    />
  )
}

function AccountsSkeleton() {
  return (
    <>
      <div className="mb-6 flex h-13.5 flex-col justify-between" aria-hidden>
        <Skeleton className="h-4 w-24" />
        <Skeleton className="h-7 w-44" />
      </div>
      <Card className="h-36">
        <Skeleton className="h-5 w-52" />
      </Card>
    </>
  )
}

/** An account that has transactions can be archived only: deleting it would take their home away. */
function DeleteDialog({
  account,
  transactions,
  onClose,
}: {
  account: Account | null
  transactions: number
  onClose: () => void
}) {
  const database = useDatabase()
  const workspaceId = useWorkspaceId()
  const toast = useToast()
  if (account === null) return null
  const isFree = transactions === 0
  const remove = async () => {
    const deleted = await deleteAccount(database, workspaceId, account.id)
    onClose()
    toast(
      deleted.ok
        ? { title: 'Account deleted' }
        : { title: 'The account has transactions now and was kept', tone: 'problem' },
    )
  }
  const archive = async () => {
    await archiveAccount(database, account.id, Date.now())
    onClose()
    toast({
      title: 'Account archived',
      action: { label: 'Undo', onAction: () => void archiveAccount(database, account.id, null) },
    })
  }
  return (
    <ConfirmDialog
      title={isFree ? `Delete ${account.name}?` : `${account.name} has transactions`}
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose()
      }}
      confirmLabel={isFree ? 'Delete account' : 'Archive account'}
      tone={isFree ? 'danger' : 'neutral'}
      onConfirm={() => void (isFree ? remove() : archive())}
    >
      {isFree ? (
        <p>It has no transactions. It goes from all your devices, and cannot be brought back.</p>
      ) : (
        <p>
          {countText(transactions)}{' '}
          {transactions === 1 ? 'transaction belongs' : 'transactions belong'} to it, so it cannot
          be deleted. Archive it instead: it is no longer offered for new transactions, and its
          history stays.
        </p>
      )}
    </ConfirmDialog>
  )
}

function useAccountActions({
  open,
  balances,
  onEdit,
  onDelete,
}: {
  open: readonly Account[]
  balances: Balances
  onEdit: (editing: Editing) => void
  onDelete: (account: Account) => void
}): (account: Account) => readonly MenuAction[] {
  const database = useDatabase()
  const toast = useToast()
  const setArchived = async (account: Account, archivedAt: number | null) => {
    await archiveAccount(database, account.id, archivedAt)
    toast({
      title: archivedAt === null ? 'Account restored' : 'Account archived',
      action: {
        label: 'Undo',
        onAction: () => void archiveAccount(database, account.id, account.archivedAt),
      },
    })
  }
  return (account) => {
    const place = open.indexOf(account)
    const move = (by: -1 | 1) => void moveAccount(database, open, account.id, by)
    const isArchived = account.archivedAt !== null
    return [
      { id: 'edit', label: 'Edit', icon: <Pencil />, onAction: () => onEdit({ account }) },
      ...(isArchived
        ? []
        : [
            {
              id: 'up',
              label: 'Move up',
              icon: <ArrowUp />,
              isDisabled: place === 0,
              onAction: () => move(-1),
            },
            {
              id: 'down',
              label: 'Move down',
              icon: <ArrowDown />,
              isDisabled: place === open.length - 1,
              onAction: () => move(1),
            },
          ]),
      isArchived
        ? {
            id: 'restore',
            label: 'Restore',
            icon: <Undo2 />,
            onAction: () => void setArchived(account, null),
          }
        : {
            id: 'archive',
            label: 'Archive',
            icon: <Archive />,
            onAction: () => void setArchived(account, Date.now()),
          },
      ...(isArchived && balances.transactionsOf(account.id) > 0
        ? []
        : [
            {
              id: 'delete',
              label: 'Delete',
              icon: <Trash2 />,
              tone: 'danger' as const,
              onAction: () => onDelete(account),
            },
          ]),
    ]
  }
}
