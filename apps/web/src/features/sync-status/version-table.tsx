import type { ReactNode } from 'react'
import { cx } from '../../ui/cx.ts'

/** Whose version a column shows, and when it was made. */
export interface VersionHeading {
  readonly title: string
  readonly detail?: string
}

export interface VersionRow {
  readonly label: string
  readonly values: readonly [string, string]
  /** What can be decided about this row's field alone, under its values. */
  readonly actions?: readonly [ReactNode, ReactNode]
}

const cell = 'py-2 pr-3 align-top break-words whitespace-pre-line last:pr-0'

/** Two versions side by side: one line for every value that differs. */
export function VersionTable({
  headings,
  rows,
}: {
  headings: readonly [VersionHeading, VersionHeading]
  rows: readonly VersionRow[]
}) {
  return (
    <table className="mt-4 w-full table-fixed text-left text-sm">
      <thead>
        <tr className="border-b border-line">
          <th className={cx(cell, 'w-1/4')} scope="col">
            <span className="sr-only">What</span>
          </th>
          {headings.map(({ title, detail }) => (
            <th key={title} className={cx(cell, 'font-medium')} scope="col">
              {title}
              {detail !== undefined && (
                <span className="block text-xs font-normal text-ink-faint">{detail}</span>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, values, actions }) => (
          <tr key={label} className="border-b border-line last:border-0">
            <th className={cx(cell, 'font-medium text-ink-soft')} scope="row">
              {label}
            </th>
            {values.map((value, side) => (
              <td key={headings[side]?.title} className={cx(cell, 'font-medium tabular-nums')}>
                <span>{value}</span>
                {actions !== undefined && <div className="mt-2">{actions[side]}</div>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
