import { shapeOf, type RowSides, type ShapeColumn } from '@sealbook/crypto-router'
import { commonColumns } from '@sealbook/schema'
import type { InspectedRow } from './inspect-rows.ts'

/** One column of a row, on its three sides. */
export interface FieldLine {
  readonly name: string
  readonly ledger: string
  readonly sealed: string
  readonly server: string
  readonly isFirstDifference: boolean
}

const nothing = '–'

/**
 * Values as they are stored, without the columns that are empty on every side. Envelopes are
 * shortened: what counts is whether two are the same.
 */
export function fieldLines(row: InspectedRow): readonly FieldLine[] {
  const { columns } = shapeOf(row.sides.table)
  const ofItsOwn = columns.filter(({ name }) => !(name in commonColumns))
  const common = columns.filter(({ name }) => name in commonColumns)
  return linesOf(row, [...ofItsOwn, ...common]).filter(
    ({ ledger, sealed, server }) => ![ledger, sealed, server].every((text) => text === nothing),
  )
}

function linesOf(
  { sides, server, verdict }: InspectedRow,
  columns: readonly ShapeColumn[],
): readonly FieldLine[] {
  return columns.map(({ name, sealedAs }) => {
    const stored = sealedAs === null ? plainText : envelopeText
    return {
      name,
      ledger: plainText(sides.plaintext?.[name]),
      sealed: stored(sides.twin?.[name]),
      server: server === null ? nothing : stored(server.row?.[name]),
      isFirstDifference: verdict.column === name,
    }
  })
}

type Cell = NonNullable<RowSides['plaintext']>[string]

function plainText(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? nothing : String(cell)
}

const shownCharacters = 10

function envelopeText(cell: Cell | undefined): string {
  if (typeof cell !== 'string') return plainText(cell)
  return `sealed …${cell.slice(-shownCharacters)}`
}
