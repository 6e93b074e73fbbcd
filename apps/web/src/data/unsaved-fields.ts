/** What a person typed and had not saved when the form went. */
export interface UnsavedField {
  readonly label: string
  readonly value: string
}

const typed = 'input:not([type=password], [type=checkbox], [type=radio], [type=hidden]), textarea'
/** A field that shows or hides a secret has a button that says so beside it. */
const secretField = '[data-secret]'

/** The fields of the open form, if there is one; what is secret is never among them. */
export function readUnsavedFields(page: ParentNode): readonly UnsavedField[] {
  const fields = [
    ...page.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
      '[role=dialog] :is(input, textarea)',
    ),
  ]
  return fields
    .filter((field) => field.matches(typed) && field.closest(secretField) === null)
    .map((field) => ({ label: labelOf(field), value: field.value.trim() }))
    .filter(({ label, value }) => label !== '' && value !== '')
}

function labelOf(field: HTMLInputElement | HTMLTextAreaElement): string {
  const label = field.labels?.[0]?.textContent ?? field.getAttribute('aria-label')
  return label?.trim() ?? ''
}
