import type { RowError } from './rows.ts'

/** Why the device did not store a row, in words for the person. */
export function rowErrorText(error: RowError): string {
  switch (error.kind) {
    case 'too-long':
      return `The ${nameOf(error.column)} is too long. Shorten it and save again.`
    case 'out-of-range':
      return `The ${nameOf(error.column)} is larger than Sealbook can keep exactly.`
    case 'invalid':
      return `The ${nameOf(error.column)} is not valid. Nothing was saved.`
  }
}

function nameOf(column: string): string {
  return column.replaceAll('_', ' ')
}
