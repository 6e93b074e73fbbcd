import { useEffect, useState } from 'react'
import type { EntityTable } from '@sealbook/schema'
import { entities } from '@sealbook/schema'
import { useDatabase, useWorkspaceId } from '../../data/session-context.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { Select } from '../../ui/select.tsx'
import { SearchField } from '../../ui/text-field.tsx'
import { findRows, type FoundRow } from './find-rows.ts'
import { entityNames } from './words.ts'

const options = entities.map(({ table }) => ({ id: table, label: entityNames[table] }))

/** Picks an entity, and one of its rows by id or by name. */
export function RowFinder({
  table,
  onTableChange,
}: {
  table: EntityTable
  onTableChange: (table: EntityTable) => void
}) {
  const [text, setText] = useState('')
  const found = useFoundRows(table, text)
  return (
    <div>
      <div className="grid gap-3 tab:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
        <Select
          label="Entity"
          hideLabel
          options={options}
          value={table}
          onChange={(chosen) => onTableChange(chosen as EntityTable)}
        />
        <SearchField
          label="Row’s id or name"
          placeholder="Id, or what it is called"
          value={text}
          onChange={setText}
        />
      </div>
      <ul className="mt-3 flex flex-col" aria-label="Rows found">
        {found.map(({ id, name }) => (
          <li key={id} className="border-b border-line last:border-0">
            <LinkButton
              variant="ghost"
              href={`/diagnostics?table=${table}&id=${id}`}
              className="h-auto! min-h-11 w-full flex-wrap justify-start! gap-x-3! gap-y-0! px-2! py-2 text-left whitespace-normal!"
            >
              <span className="min-w-0 truncate font-medium text-ink">
                {name === null || name === '' ? 'No name' : name}
              </span>
              <span className="min-w-0 font-mono text-sm break-all">{id}</span>
            </LinkButton>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="mt-3 text-sm text-ink-soft">No such row here.</p>}
    </div>
  )
}

function useFoundRows(table: EntityTable, text: string): readonly FoundRow[] {
  const db = useDatabase()
  const workspaceId = useWorkspaceId()
  const [found, setFound] = useState<readonly FoundRow[]>([])
  useEffect(() => {
    let isGone = false
    void findRows(db, table, workspaceId, text).then((rows) => {
      if (!isGone) setFound(rows)
    })
    return () => {
      isGone = true
    }
  }, [db, table, workspaceId, text])
  return found
}
