import type { FormError } from './form-row.ts'

/** Why the device did not store a row, in words for the person. */
export function rowErrorText(error: FormError): string {
  switch (error.kind) {
    case 'too-long':
      return `The ${nameOf(error.column)} is too long. Shorten it and save again.`
    case 'out-of-range':
      return `The ${nameOf(error.column)} is outside of what Sealbook can keep.`
    case 'invalid':
      return `The ${nameOf(error.column)} is not valid. Nothing was saved.`
    case 'missing':
      return `The ${nameOf(error.column)} is missing. Nothing was saved.`
    case 'inconsistent':
      return `The ${nameOf(error.column)} does not fit the ${nameOf(error.with)}. Nothing was saved.`
    case 'changed-elsewhere':
      return 'Another device changed it just now. See what it is now, then save again.'
    case 'gone':
      return 'Another device deleted it just now. Save again to add it again.'
    case 'split-differs':
      return 'The parts of this split would no longer make up the whole. Nothing was saved.'
  }
}

function nameOf(column: string): string {
  return column.replace(/_id$/, '').replaceAll('_', ' ')
}
