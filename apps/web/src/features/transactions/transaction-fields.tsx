import { useState, type RefObject } from 'react'
import type { Account, Category, Records } from '../../data/records.ts'
import { ComboBox } from '../../ui/combo-box.tsx'
import { DateField } from '../../ui/date-field.tsx'
import { IconTile } from '../../ui/icon-tile.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Select } from '../../ui/select.tsx'
import { TextArea, TextField } from '../../ui/text-field.tsx'
import type { Draft, DraftErrors } from './draft.ts'
import { noCategory } from './filters.ts'
import { knownPayee, suggestPayees } from './payees.ts'
import type { PayeeRow } from './queries.ts'

export interface TransactionFieldsProps {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly errors: DraftErrors
  readonly isNew: boolean
  readonly amountRef: RefObject<HTMLInputElement | null>
  readonly accounts: Records<Account>
  readonly categories: Records<Category>
  readonly history: readonly PayeeRow[]
}

/** Amount first, then what the app can mostly guess. */
export function TransactionFields({
  draft,
  onChange,
  errors,
  isNew,
  amountRef,
  accounts,
  categories,
  history,
}: TransactionFieldsProps) {
  /** A category that the person chose is not replaced by a payee's usual one. */
  const [isOwnCategory, setIsOwnCategory] = useState(!isNew)
  const currency =
    draft.accountId === null ? '' : (accounts.byId.get(draft.accountId)?.currency ?? '')

  const isOneCurrency = new Set(accounts.list.map((account) => account.currency)).size < 2

  const takePayee = (payee: string) => {
    const known = isOwnCategory ? undefined : knownPayee(history, payee)
    const category = known?.category_id ?? null
    const isUsable = category !== null && categories.byId.get(category)?.archivedAt === null
    onChange({
      ...draft,
      payee,
      ...(known === undefined ? {} : { kind: known.kind }),
      ...(isUsable ? { categoryId: category } : {}),
    })
  }
  const takeKind = (kind: Draft['kind']) => {
    const fits = categories.byId.get(draft.categoryId)?.kind === kind
    onChange({ ...draft, kind, categoryId: fits ? draft.categoryId : noCategory })
  }

  return (
    <>
      <div className="flex flex-col gap-3 tab:flex-row tab:items-end">
        <TextField
          label="Amount"
          value={draft.amountText}
          onChange={(amountText) => onChange({ ...draft, amountText })}
          error={errors.amount}
          autoFocus
          autoComplete="off"
          inputMode="decimal"
          inputProps={{ ref: amountRef, enterKeyHint: 'done' }}
          inputClassName="h-14 text-2xl! font-semibold tabular-nums"
          {...(currency === '' ? {} : { suffix: <CurrencyMark currency={currency} /> })}
          className="grow"
        />
        <Segmented
          label="Kind"
          options={[
            { id: 'expense', label: 'Expense' },
            { id: 'income', label: 'Income' },
          ]}
          value={draft.kind}
          onChange={takeKind}
          className="tab:mb-1 tab:w-56"
        />
      </div>
      <ComboBox
        label="Payee"
        allowsCustomValue
        value={history.some((row) => row.payee === draft.payee) ? draft.payee : null}
        inputValue={draft.payee}
        onInputChange={takePayee}
        onChange={(payee) => {
          if (payee !== null) takePayee(payee)
        }}
        options={suggestPayees(history, draft.payee).map((row) => ({
          id: row.payee,
          label: row.payee,
          ...(row.category_id === null
            ? {}
            : { detail: categories.byId.get(row.category_id)?.name ?? '' }),
        }))}
      />
      <div className="grid gap-4 tab:grid-cols-2">
        <Select
          label="Category"
          value={draft.categoryId}
          onChange={(categoryId) => {
            setIsOwnCategory(true)
            onChange({ ...draft, categoryId })
          }}
          options={categoryOptions(categories.list, draft)}
        />
        <Select
          label="Account"
          value={draft.accountId}
          onChange={(accountId) => onChange({ ...draft, accountId })}
          error={errors.account}
          placeholder="Choose an account"
          options={accounts.list
            .filter((account) => account.archivedAt === null || account.id === draft.accountId)
            .map((account) => ({
              id: account.id,
              label: isOneCurrency ? account.name : `${account.name} · ${account.currency}`,
            }))}
        />
      </div>
      <div className="grid grid-cols-[minmax(0,9.5rem)_minmax(0,1fr)] gap-3 tab:grid-cols-2 tab:gap-4">
        <DateField
          label="Date"
          value={draft.date}
          onChange={(date) => onChange({ ...draft, date })}
          error={errors.date}
        />
        <Segmented
          label="Status"
          hideLabel={false}
          options={[
            { id: 'cleared', label: 'Cleared' },
            { id: 'pending', label: 'Pending' },
          ]}
          value={draft.status}
          onChange={(status) => onChange({ ...draft, status })}
        />
      </div>
      <TextArea
        label="Note"
        value={draft.note}
        onChange={(note) => onChange({ ...draft, note })}
        error={errors.note}
      />
    </>
  )
}

function CurrencyMark({ currency }: { currency: string }) {
  return <span className="pr-3 font-medium text-ink-soft">{currency}</span>
}

/** Categories of this kind that are in use, and the one that is chosen even if it is not. */
function categoryOptions(categories: readonly Category[], draft: Draft) {
  return [
    {
      id: noCategory,
      label: 'No category',
      icon: <IconTile size="sm" icon={null} colour={null} />,
    },
    ...categories
      .filter(
        (category) =>
          category.id === draft.categoryId ||
          (category.kind === draft.kind && category.archivedAt === null),
      )
      .map((category) => ({
        id: category.id,
        label: category.name,
        icon: <IconTile size="sm" icon={category.icon} colour={category.colour} />,
      })),
  ]
}
