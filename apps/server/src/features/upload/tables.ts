import {
  encryptTable,
  entities,
  localColumns,
  sealedColumnNames,
  twinColumnNames,
  type Entity,
} from '@sealbook/schema'
import { buildRowValidators, type RowValidators } from '@sealbook/schema/upload'

/** One twin as the upload sees it. */
export interface TwinTable {
  readonly name: string
  readonly validators: RowValidators
  /** Every column of the twin, `id` first. */
  readonly columns: readonly string[]
  readonly sealed: ReadonlySet<string>
  /** Columns that refer to another row of this same table. */
  readonly selfReferences: readonly string[]
  /** `workspace_settings`: the one row has the workspace's own id. */
  readonly oneRowAWorkspace: boolean
}

/** A stored row: visible columns and envelopes, with `id`. */
export interface Row {
  readonly id: string
  readonly workspace_id: string
  readonly revision: number
  readonly seal: string
  readonly [column: string]: string | number | null
}

/** Every twin by its name. */
export function buildTwinTables(): ReadonlyMap<string, TwinTable> {
  const validators = buildRowValidators()
  return new Map(entities.map((entity) => [encryptTable(entity), twinTable(entity, validators)]))
}

function twinTable(entity: Entity, all: ReadonlyMap<string, RowValidators>): TwinTable {
  const name = encryptTable(entity)
  const validators = all.get(name)
  if (validators === undefined) throw new Error(`no validators for ${name}`)
  const columns = localColumns(entity)
  const selfReferences = Object.entries(columns).filter(
    ([, column]) => column.type === 'id' && column.references === entity.table,
  )
  return {
    name,
    validators,
    columns: ['id', ...twinColumnNames(entity)],
    sealed: new Set(sealedColumnNames(entity)),
    selfReferences: selfReferences.map(([column]) => column),
    oneRowAWorkspace: entity.table === 'workspace_settings',
  }
}
