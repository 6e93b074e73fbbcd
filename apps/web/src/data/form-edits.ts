import { useState } from 'react'

/** The fields of a form, as they stand in it. */
type FormFields<F> = { readonly [Name in keyof F]: string | null }

/**
 * What the person changed in an open form, over the row as it is now: `mine` is what they entered,
 * `seen` what the field showed when they did. Every other field follows the row.
 */
export interface FormEdits<F extends FormFields<F>> {
  readonly mine: Partial<F>
  readonly seen: Partial<F>
}

/** Fields that mean something only with others: who enters one means the others as they stand. */
export type FieldsTogether<F extends FormFields<F>> = Readonly<
  Partial<Record<keyof F, (keyof F)[]>>
>

export function noEdits<F extends FormFields<F>>(): FormEdits<F> {
  return { mine: {}, seen: {} }
}

export function shownFields<F extends FormFields<F>>(current: F, { mine }: FormEdits<F>): F {
  return { ...current, ...mine }
}

/** @param next the fields as the form has them after the person entered something. */
export function editFields<F extends FormFields<F>>(
  current: F,
  edits: FormEdits<F>,
  next: F,
  together?: FieldsTogether<F>,
): FormEdits<F> {
  const shown = shownFields(current, edits)
  const entered = namesOf(next).filter((name) => next[name] !== shown[name])
  const meant = entered.flatMap((name) => together?.[name] ?? [])
  const mine: Partial<F> = { ...edits.mine }
  const seen: Partial<F> = { ...edits.seen }
  for (const name of [...entered, ...meant]) {
    mine[name] = next[name]
    if (!(name in seen)) seen[name] = current[name]
  }
  return { mine, seen }
}

/** Fields that the person entered and that have another value since, which is not theirs either. */
export function disputedFields<F extends FormFields<F>>(
  current: F,
  { mine, seen }: FormEdits<F>,
): (keyof F)[] {
  return namesOf(mine).filter(
    (name) => current[name] !== seen[name] && current[name] !== mine[name],
  )
}

/** Whether the person entered anything that the row does not have. */
function isEdited<F extends FormFields<F>>(current: F, { mine }: FormEdits<F>): boolean {
  return namesOf(mine).some((name) => mine[name] !== current[name])
}

/** The person takes the row's value for their own. */
export function takeTheirs<F extends FormFields<F>>(
  current: F,
  { mine, seen }: FormEdits<F>,
  name: keyof F,
): FormEdits<F> {
  const theirs = { [name]: current[name] } as Partial<F>
  return { mine: { ...mine, ...theirs }, seen: { ...seen, ...theirs } }
}

export interface EditedForm<F extends FormFields<F>> {
  readonly fields: F
  readonly change: (next: F) => void
  /** Something was entered that is not saved. */
  readonly isChanged: boolean
  /** What another device changed under the person's hands. */
  readonly disputed: readonly (keyof F)[]
  readonly takeTheirs: (name: keyof F) => void
}

/** A form over a row that may change while it is open. @param current the row as it is now. */
export function useEditedForm<F extends FormFields<F>>(
  current: F,
  together?: FieldsTogether<F>,
): EditedForm<F> {
  const [edits, setEdits] = useState<FormEdits<F>>(noEdits)
  return {
    fields: shownFields(current, edits),
    change: (next) => setEdits(editFields(current, edits, next, together)),
    isChanged: isEdited(current, edits),
    disputed: disputedFields(current, edits),
    takeTheirs: (name) => setEdits(takeTheirs(current, edits, name)),
  }
}

function namesOf<F extends FormFields<F>>(fields: Partial<F>): (keyof F)[] {
  return Object.keys(fields) as (keyof F)[]
}
