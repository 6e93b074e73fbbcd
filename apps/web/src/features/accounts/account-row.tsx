import { EllipsisVertical } from 'lucide-react'
import type { MoneyText } from '../../data/money.ts'
import type { Account } from '../../data/records.ts'
import { countText } from '../../platform/locale.ts'
import { accountTypeLook } from '../../ui/account-types.ts'
import { Amount } from '../../ui/amount.tsx'
import { IconButton } from '../../ui/button.tsx'
import { IconTile } from '../../ui/icon-tile.tsx'
import { keepFocusInList } from '../../ui/list-focus.ts'
import { Menu, type MenuAction } from '../../ui/menu.tsx'

/** One account: pressing it edits it; the menu has the rest. */
export function AccountRow({
  account,
  balance,
  transactions,
  actions,
  onEdit,
}: {
  account: Account
  balance: MoneyText
  transactions: number
  actions: readonly MenuAction[]
  onEdit: () => void
}) {
  const look = accountTypeLook(account.type)
  return (
    <li
      ref={keepFocusInList}
      className="relative flex items-center gap-3.5 py-2 pr-1.5 pl-4 hover:bg-hover tab:pl-5"
    >
      <IconTile icon={look.icon} colour={look.colour} />
      {/* On a phone a long balance goes under the name, which stays readable. */}
      <div className="flex min-w-0 grow flex-wrap items-center justify-end gap-x-3.5 py-1.5">
        <div className="min-w-0 grow basis-32">
          <button
            type="button"
            aria-label={`Edit ${account.name}`}
            onClick={onEdit}
            className="block max-w-full cursor-pointer truncate text-left font-medium outline-offset-4 after:absolute after:inset-0"
          >
            {account.name}
          </button>
          <p className="truncate text-sm text-ink-soft">
            {look.label}
            <span aria-hidden> · </span>
            {transactions === 0
              ? 'no transactions'
              : `${countText(transactions)} ${transactions === 1 ? 'transaction' : 'transactions'}`}
          </p>
        </div>
        <Amount {...balance} tone="balance" className="shrink-0 tab:text-lg! tab:font-semibold!" />
      </div>
      <div className="relative z-1">
        <Menu label={`Actions for ${account.name}`} actions={actions}>
          <IconButton
            label={`Actions for ${account.name}`}
            icon={<EllipsisVertical className="size-5" aria-hidden />}
          />
        </Menu>
      </div>
    </li>
  )
}
