import { useState } from 'react'
import { dayOf } from '@sealbook/ledger'
import { useAccounts, useCategories } from '../../data/records.ts'
import { Button } from '../../ui/button.tsx'
import { DateField } from '../../ui/date-field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Select } from '../../ui/select.tsx'
import { TextArea, TextField } from '../../ui/text-field.tsx'
import {
  draftCells,
  draftDoubt,
  draftFields,
  type DraftCells,
  type DraftField,
} from './draft-fields.ts'
import type { ValueWords } from './problem-differences.ts'
import type { Version } from './problem-sentence.ts'

/** A refused change, to be made one that the server takes. */
export function DraftDialog({
  table,
  draft,
  words,
  onSave,
  onClose,
}: {
  table: string
  draft: Version
  words: ValueWords
  onSave: (cells: DraftCells) => Promise<void>
  onClose: () => void
}) {
  const [entered, setEntered] = useState<Readonly<Record<string, string>>>({})
  const [fault, setFault] = useState<{ name: string; error: string } | null>(null)
  /** The day that was asked about: saved again, it is right. */
  const [asked, setAsked] = useState<string | null>(null)
  const [isSaving, setIsSaving] = useState(false)
  const fields = draftFields(table, draft, words)
  const save = async () => {
    const cells = draftCells(table, draft, fields, entered, words)
    setFault(cells.ok ? null : cells.error)
    if (!cells.ok) return
    const doubt = draftDoubt(fields, entered, dayOf(new Date()))
    const day = doubt === null ? null : (entered[doubt.name] ?? null)
    if (day !== null && day !== asked) {
      setFault(doubt)
      setAsked(day)
      return
    }
    setIsSaving(true)
    await onSave(cells.value)
    onClose()
  }
  const isShown = fields.some(({ name }) => name === fault?.name)
  return (
    <FormDialog
      title="Edit my change"
      failure={fault === null || isShown ? null : fault.error}
      isChanged={fields.some(({ name, text }) => (entered[name] ?? text) !== text)}
      onSubmit={() => void save()}
      onClose={onClose}
      buttons={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={isSaving}>
            Save and try again
          </Button>
        </>
      }
    >
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={entered[field.name] ?? field.text}
          error={fault?.name === field.name ? fault.error : undefined}
          onChange={(text) => setEntered({ ...entered, [field.name]: text })}
        />
      ))}
    </FormDialog>
  )
}

function Field({
  field: { label, kind },
  value,
  error,
  onChange,
}: {
  field: DraftField
  value: string
  error: string | undefined
  onChange: (text: string) => void
}) {
  const accounts = useAccounts()
  const categories = useCategories()
  const shared = { label, value, error, onChange }
  switch (kind) {
    case 'text':
      return <TextField {...shared} autoComplete="off" />
    case 'paragraphs':
      return <TextArea {...shared} />
    case 'amount':
      return <TextField {...shared} autoComplete="off" inputClassName="tabular-nums" />
    case 'date':
      return <DateField {...shared} />
    case 'account':
      return <Select {...shared} options={accounts.list.map(toOption)} />
    case 'category':
      return (
        <Select
          {...shared}
          options={[{ id: '', label: 'No category' }, ...categories.list.map(toOption)]}
        />
      )
  }
}

function toOption({ id, name }: { readonly id: string; readonly name: string }) {
  return { id, label: name }
}
