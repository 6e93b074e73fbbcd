import { useRef, useState } from 'react'
import { Trash2 } from 'lucide-react'
import { farDayDoubt } from '../../data/far-day.ts'
import { useEditedForm } from '../../data/form-edits.ts'
import { useRowAtStart } from '../../data/form-row.ts'
import { amountInputText } from '../../data/money.ts'
import { useLiveQuery } from '../../data/live-query.ts'
import type { Account, Category, Records } from '../../data/records.ts'
import { rowErrorText } from '../../data/row-error-text.ts'
import { useDatabase, useWorkspaceId } from '../../data/session-context.tsx'
import { Button } from '../../ui/button.tsx'
import { ChangedElsewhere } from '../../ui/changed-elsewhere.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useToast } from '../../ui/toast.tsx'
import { addTransaction, addTransactionAgain, changeTransaction } from './commands.ts'
import {
  checkDraft,
  draftOf,
  enteredTogether,
  isSameDraft,
  newDraft,
  type Draft,
  type DraftErrors,
} from './draft.ts'
import { fieldWords } from './field-words.ts'
import { payeesQuery, rowQuery, type PayeeRow, type TransactionRow } from './queries.ts'
import { TransactionFields } from './transaction-fields.tsx'

export interface TransactionDialogProps {
  /** The transaction to edit, or null for a new one. */
  readonly row: TransactionRow | null
  /** Chosen at first for a new one. */
  readonly accountId: string | null
  readonly today: string
  readonly accounts: Records<Account>
  readonly categories: Records<Category>
  readonly onClose: () => void
  readonly onDelete: (row: TransactionRow) => void
}

/** Quick entry: the amount has the focus, Enter saves from any field, and one more may follow. */
export function TransactionDialog(props: TransactionDialogProps) {
  const { row } = props
  return row === null ? (
    <TransactionForm {...props} row={null} isGone={false} />
  ) : (
    <EditTransaction {...props} row={row} />
  )
}

/** The form over the row as it is now: another device may change it, or delete it. */
function EditTransaction(props: TransactionDialogProps & { readonly row: TransactionRow }) {
  const { sql, parameters } = rowQuery(props.row.id)
  const { data, isLoading } = useLiveQuery<TransactionRow>(sql, parameters)
  const [row, setRow] = useState(props.row)
  const now = data[0]
  if (now !== undefined && now !== row) setRow(now)
  return <TransactionForm {...props} row={row} isGone={!isLoading && now === undefined} />
}

function TransactionForm(props: TransactionDialogProps & { readonly isGone: boolean }) {
  const { row, isGone, accounts, categories, today, onClose } = props
  const database = useDatabase()
  const workspaceId = useWorkspaceId()
  const toast = useToast()
  const history = usePayeeHistory(workspaceId)
  const amountRef = useRef<HTMLInputElement>(null)
  const currencyOf = (accountId: string) => accounts.byId.get(accountId)?.currency || null
  const rowAtStart = useRowAtStart('transactions', row?.id ?? null)
  const [empty] = useState(() => newDraft(props.accountId, today))
  const current =
    row === null
      ? empty
      : draftOf(row, (amount) => amountInputText(amount, currencyOf(row.account_id) ?? 'EUR'))
  const form = useEditedForm<Draft>(current, enteredTogether)
  const draft = form.fields
  /** How a new one stood before anything was entered: empty, or as the last one left it. */
  const [untouched, setUntouched] = useState(empty)
  const [errors, setErrors] = useState<DraftErrors>({})
  /** The date that was asked about: saved again, it is meant. */
  const [askedDate, setAskedDate] = useState<string | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [isSaving, setIsSaving] = useState(false)

  const save = async (then: 'close' | 'another') => {
    const checked = checkDraft(draft, currencyOf)
    setErrors(checked.ok ? {} : checked.errors)
    if (!checked.ok) {
      if (checked.errors.amount !== undefined) amountRef.current?.focus()
      return
    }
    const doubt = farDayDoubt(draft.date, today)
    if (doubt !== null && askedDate !== draft.date && draft.date !== current.date) {
      setErrors({ date: doubt })
      setAskedDate(draft.date)
      return
    }
    setIsSaving(true)
    const written =
      row === null
        ? await addTransaction(database, workspaceId, checked.value)
        : isGone && rowAtStart !== null
          ? await addTransactionAgain(database, rowAtStart, checked.value)
          : await changeTransaction(database, row, checked.value)
    setIsSaving(false)
    if (!written.ok) {
      setFailure(rowErrorText(written.error))
      return
    }
    setFailure(null)
    if (then === 'close') {
      onClose()
      return
    }
    toast({ title: 'Transaction added' })
    const next = { ...draft, amountText: '', payee: '', note: '' }
    form.change(next)
    setUntouched(next)
    amountRef.current?.focus()
  }

  return (
    <FormDialog
      title={row === null ? 'New transaction' : 'Edit transaction'}
      failure={failure}
      isChanged={row === null ? !isSameDraft(draft, untouched) : form.isChanged}
      onSubmit={() => void save('close')}
      onClose={onClose}
      buttons={
        <>
          {row === null ? (
            <Button isDisabled={isSaving} onPress={() => void save('another')}>
              Save and add another
            </Button>
          ) : (
            <Button
              variant="danger-ghost"
              icon={<Trash2 className="size-4.5" aria-hidden />}
              className="mr-auto"
              aria-label="Delete transaction"
              onPress={() => {
                onClose()
                props.onDelete(row)
              }}
            >
              Delete
            </Button>
          )}
          <Button
            type="submit"
            variant="primary"
            isPending={isSaving}
            aria-label="Save transaction"
          >
            Save
          </Button>
        </>
      }
    >
      <ChangedElsewhere
        isGone={isGone}
        changes={form.disputed.map((name) => ({
          ...fieldWords(name, current, accounts, categories),
          onUse: () => form.takeTheirs(name),
        }))}
      />
      {row !== null && <span hidden data-row={`transactions/${row.id}`} />}
      <TransactionFields
        draft={draft}
        onChange={form.change}
        errors={errors}
        isNew={row === null}
        amountRef={amountRef}
        accounts={accounts}
        categories={categories}
        history={history}
      />
    </FormDialog>
  )
}

function usePayeeHistory(workspaceId: string): readonly PayeeRow[] {
  const { sql, parameters } = payeesQuery(workspaceId)
  return useLiveQuery<PayeeRow>(sql, parameters).data
}
