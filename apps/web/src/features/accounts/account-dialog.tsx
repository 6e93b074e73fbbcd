import { useMemo, useState } from 'react'
import { enteredName, hasName } from '../../data/entered-text.ts'
import { useEditedForm, type FieldsTogether } from '../../data/form-edits.ts'
import { useLiveRecord, useRowAtStart } from '../../data/form-row.ts'
import { listCurrencies } from '../../data/currencies.ts'
import { amountErrorText, amountInputText, deviceLocale, parseMoney } from '../../data/money.ts'
import type { Account, AccountType } from '../../data/records.ts'
import { rowErrorText } from '../../data/row-error-text.ts'
import { useDatabase, useWorkspaceId } from '../../data/session-context.tsx'
import { accountTypeLook, accountTypes } from '../../ui/account-types.ts'
import { ChangedElsewhere } from '../../ui/changed-elsewhere.tsx'
import { Button } from '../../ui/button.tsx'
import { ComboBox } from '../../ui/combo-box.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { IconTile } from '../../ui/icon-tile.tsx'
import { Select } from '../../ui/select.tsx'
import { TextArea, TextField } from '../../ui/text-field.tsx'
import { addAccount, addAccountAgain, changeAccount } from './commands.ts'

export interface AccountDialogProps {
  /** The account to edit, or null for a new one. */
  readonly account: Account | null
  readonly accounts: readonly Account[]
  /** The workspace's own currency. */
  readonly usualCurrency: string | null
  /** With transactions the currency stays: their amounts are in it. */
  readonly transactions: number
  readonly onClose: () => void
}

type Errors = Partial<Record<'name' | 'currency' | 'opening', string>>

/** Name, type, currency, opening balance and note of one account. */
export function AccountDialog({
  account: found,
  accounts,
  usualCurrency,
  transactions,
  onClose,
}: AccountDialogProps) {
  const database = useDatabase()
  const workspaceId = useWorkspaceId()
  const locale = deviceLocale()
  const { row: account, isGone } = useLiveRecord(found, accounts)
  const rowAtStart = useRowAtStart('accounts', account?.id ?? null)
  const current = fieldsOf(account)
  const form = useEditedForm<Fields>(current, enteredTogether)
  const { name, type, currency: chosenCurrency, openingText, note } = form.fields
  const set = (changes: Partial<Fields>) => form.change({ ...form.fields, ...changes })
  const [errors, setErrors] = useState<Errors>({})
  const [failure, setFailure] = useState<string | null>(null)
  const [isSaving, setIsSaving] = useState(false)
  const currency =
    chosenCurrency ?? accounts.find((one) => one.currency !== '')?.currency ?? usualCurrency
  const others = accounts.filter(({ id, archivedAt }) => id !== account?.id && archivedAt === null)
  const isTaken = hasName(
    others.map((other) => other.name),
    name,
  )
  const isFixed = transactions > 0 && account?.currency !== ''
  const currencies = useMemo(() => currencyOptions(locale, currency), [locale, currency])

  const save = async () => {
    const wrong: { -readonly [Field in keyof Errors]: string } = {}
    const enteredAs = enteredName(name)
    if (enteredAs === null) wrong.name = 'Give the account a name.'
    if (currency === null) wrong.currency = 'Choose a currency.'
    // Of an amount that could not be read, nobody said that it is zero.
    const isZero = openingText.trim() === '' && account?.openingBalance !== null
    const opening = parseMoney(isZero ? '0' : openingText, currency ?? 'EUR')
    if (!opening.ok) wrong.opening = amountErrorText(opening.error, currency ?? 'EUR')
    setErrors(wrong)
    if (enteredAs === null || currency === null || !opening.ok) return
    if (Object.keys(wrong).length > 0) return
    const values = {
      name: enteredAs,
      type,
      currency,
      openingBalance: opening.value,
      note: note.trim(),
    }
    setIsSaving(true)
    const written =
      account === null
        ? await addAccount(database, workspaceId, accounts, values)
        : isGone && rowAtStart !== null
          ? await addAccountAgain(database, rowAtStart, values)
          : await changeAccount(database, account, values)
    setIsSaving(false)
    if (written.ok) onClose()
    else setFailure(rowErrorText(written.error))
  }

  return (
    <FormDialog
      title={account === null ? 'New account' : 'Edit account'}
      failure={failure}
      isChanged={form.isChanged}
      onSubmit={() => void save()}
      onClose={onClose}
      buttons={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={isSaving}>
            Save account
          </Button>
        </>
      }
    >
      <ChangedElsewhere
        isGone={isGone}
        changes={form.disputed.map((field) => ({
          label: fieldLabels[field],
          value: field === 'type' ? typeLabel(current.type) : (current[field] ?? ''),
          onUse: () => form.takeTheirs(field),
        }))}
      />
      <TextField
        label="Name"
        value={name}
        onChange={(text) => set({ name: text })}
        error={errors.name}
        description={isTaken ? 'You have an account of this name already.' : undefined}
        placeholder="For instance Everyday or Wallet"
        autoComplete="off"
        autoFocus
      />
      <div className="grid gap-4 tab:grid-cols-2">
        <Select
          label="Type"
          value={type}
          onChange={(id) => set({ type: id as AccountType })}
          options={accountTypes.map(({ id, label }) => {
            const { icon, colour } = accountTypeLook(id)
            return { id, label, icon: <IconTile size="sm" icon={icon} colour={colour} /> }
          })}
        />
        <ComboBox
          label="Currency"
          options={currencies}
          value={currency}
          onChange={(code) => set({ currency: code })}
          error={errors.currency}
          isDisabled={isFixed}
          description={isFixed ? 'Fixed, as its transactions are in it.' : undefined}
          empty="No such currency"
        />
      </div>
      <TextField
        label="Opening balance"
        value={openingText}
        onChange={(text) => set({ openingText: text })}
        error={errors.opening}
        description="What was in it before the first transaction that you enter. May be below zero."
        placeholder="0"
        inputMode="text"
        autoComplete="off"
        inputClassName="tabular-nums"
      />
      <TextArea label="Note" value={note} onChange={(text) => set({ note: text })} />
    </FormDialog>
  )
}

interface Fields {
  readonly name: string
  readonly type: AccountType
  readonly currency: string | null
  readonly openingText: string
  readonly note: string
}

const enteredTogether: FieldsTogether<Fields> = {
  currency: ['openingText'],
  openingText: ['currency'],
}

const fieldLabels: Readonly<Record<keyof Fields, string>> = {
  name: 'Name',
  type: 'Type',
  currency: 'Currency',
  openingText: 'Opening balance',
  note: 'Note',
}

function fieldsOf(account: Account | null): Fields {
  return {
    name: account?.name ?? '',
    type: account?.type ?? 'checking',
    currency: account?.currency || null,
    openingText: account === null ? '' : amountInputText(account.openingBalance, account.currency),
    note: account?.note ?? '',
  }
}

function typeLabel(type: AccountType): string {
  return accountTypes.find(({ id }) => id === type)?.label ?? ''
}

function currencyOptions(locale: string, chosen: string | null) {
  return listCurrencies(locale, chosen)
    .map(({ code, name }) => ({ id: code, label: `${code} · ${name}` }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}
