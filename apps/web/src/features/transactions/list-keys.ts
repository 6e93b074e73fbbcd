import { dayOfRow, type ListLayout } from './layout.ts'

/**
 * The row that a key leads to from `row` (-1: none yet), or null when the key does not move.
 * Left and right go by days, as the list is grouped by them.
 */
export function moveRow(
  key: string,
  row: number,
  layout: ListLayout,
  pageRows: number,
): number | null {
  const last = layout.rowCount - 1
  if (last < 0) return null
  const clamp = (index: number) => Math.max(0, Math.min(last, index))
  const day = dayOfRow(layout, Math.max(0, row))
  switch (key) {
    case 'ArrowDown':
      return clamp(row + 1)
    case 'ArrowUp':
      return clamp(row - 1)
    case 'PageDown':
      return clamp(row + pageRows)
    case 'PageUp':
      return clamp(row - pageRows)
    case 'ArrowRight':
      return clamp(layout.firstRow[day + 1] ?? last)
    case 'ArrowLeft':
      return clamp(layout.firstRow[row > (layout.firstRow[day] ?? 0) ? day : day - 1] ?? 0)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}
