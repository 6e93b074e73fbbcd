import { useState } from 'react'
import { enteredName, hasName } from '../../data/entered-text.ts'
import { useEditedForm } from '../../data/form-edits.ts'
import { useLiveRecord, useRowAtStart } from '../../data/form-row.ts'
import type { Category, FlowKind } from '../../data/records.ts'
import { rowErrorText } from '../../data/row-error-text.ts'
import { useDatabase, useWorkspaceId } from '../../data/session-context.tsx'
import { ChangedElsewhere } from '../../ui/changed-elsewhere.tsx'
import { Button } from '../../ui/button.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { HueDot, hues, iconNames, IconTile } from '../../ui/icon-tile.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { addCategory, addCategoryAgain, changeCategory } from './commands.ts'
import { Picker } from './picker.tsx'

export interface CategoryDialogProps {
  /** The category to edit, or null for a new one. */
  readonly category: Category | null
  readonly kind: FlowKind
  readonly categories: readonly Category[]
  readonly onClose: () => void
}

interface Fields {
  readonly name: string
  readonly icon: string
  readonly colour: string
}

const fieldLabels = { name: 'Name', icon: 'Icon', colour: 'Colour' } as const

/** Kind, name, icon and colour of one category, with the picture as it will be. */
export function CategoryDialog(props: CategoryDialogProps) {
  const { categories, onClose } = props
  const { row: category, isGone } = useLiveRecord(props.category, categories)
  const database = useDatabase()
  const workspaceId = useWorkspaceId()
  const rowAtStart = useRowAtStart('categories', category?.id ?? null)
  const [kind, setKind] = useState<FlowKind>(category?.kind ?? props.kind)
  const current: Fields = {
    name: category?.name ?? '',
    icon: category?.icon ?? 'tag',
    colour: category?.colour ?? 'spruce',
  }
  const form = useEditedForm<Fields>(current)
  const { name, icon, colour } = form.fields
  const set = (changes: Partial<Fields>) => form.change({ ...form.fields, ...changes })
  const [nameError, setNameError] = useState<string | undefined>()
  const [failure, setFailure] = useState<string | null>(null)
  const [isSaving, setIsSaving] = useState(false)

  const others = categories.filter((other) => other.id !== category?.id && other.kind === kind)
  const isTaken = hasName(
    others.filter(({ archivedAt }) => archivedAt === null).map((other) => other.name),
    name,
  )

  const save = async () => {
    const enteredAs = enteredName(name)
    setNameError(enteredAs === null ? 'Give the category a name.' : undefined)
    if (enteredAs === null) return
    const values = { kind, name: enteredAs, icon, colour }
    setIsSaving(true)
    const written =
      category === null
        ? await addCategory(database, workspaceId, categories, values)
        : isGone && rowAtStart !== null
          ? await addCategoryAgain(database, rowAtStart, values)
          : await changeCategory(database, category, values)
    setIsSaving(false)
    if (written.ok) onClose()
    else setFailure(rowErrorText(written.error))
  }

  return (
    <FormDialog
      title={category === null ? 'New category' : 'Edit category'}
      failure={failure}
      isChanged={form.isChanged || kind !== (category?.kind ?? props.kind)}
      onSubmit={() => void save()}
      onClose={onClose}
      buttons={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={isSaving}>
            Save category
          </Button>
        </>
      }
    >
      <ChangedElsewhere
        isGone={isGone}
        changes={form.disputed.map((field) => ({
          label: fieldLabels[field],
          value: current[field],
          onUse: () => form.takeTheirs(field),
        }))}
      />
      {category === null && (
        <Segmented
          label="Kind"
          options={[
            { id: 'expense', label: 'Expense' },
            { id: 'income', label: 'Income' },
          ]}
          value={kind}
          onChange={setKind}
        />
      )}
      <div className="flex items-start gap-3">
        <IconTile icon={icon} colour={colour} size="lg" className="mt-6" />
        <TextField
          label="Name"
          value={name}
          onChange={(text) => set({ name: text })}
          error={nameError}
          description={isTaken ? 'There is a category of this name already.' : undefined}
          autoComplete="off"
          autoFocus
          className="grow"
        />
      </div>
      <Picker
        label="Colour"
        ids={hues}
        value={colour}
        onChange={(hue) => set({ colour: hue })}
        render={(hue) => <HueDot colour={hue} className="size-7" />}
      />
      <Picker
        label="Icon"
        ids={iconNames}
        value={icon}
        onChange={(id) => set({ icon: id })}
        render={(id) => <IconTile icon={id} colour={id === icon ? colour : 'stone'} size="sm" />}
      />
    </FormDialog>
  )
}
