import { createHash } from 'node:crypto'
import { JSONBig } from '@powersync/service-jsonbig'
import {
  type HydratedSyncConfig,
  SqlSyncRules,
  type SourceTableRef,
  type SyncConfig,
  toSyncRulesRow,
  versionedHydrationState,
} from '@powersync/service-sync-rules'
import type { SourceColumn } from './replication/catalog.ts'
import { decodeValue } from './replication/values.ts'

/** A row as Postgres prints it, by column name. */
export type SourceRow = ReadonlyMap<string, string | null>

/** What the sync rules make of one source row in one bucket. */
export interface BucketRow {
  readonly bucket: string
  readonly type: string
  readonly id: string
  /** The row's JSON, exactly as clients store it. */
  readonly data: string
}

/** What one source row contributes to a parameter query. */
export interface ParameterLookup {
  readonly lookup: string
  readonly parameters: string
}

/** `sync_rules.yaml`, parsed; throws when it is not valid. */
export interface SyncRules {
  /** Changes when the rules do. */
  readonly hash: string
  readonly matches: (table: { schema: string; name: string }) => boolean
  /** The rules with bucket names of one generation. */
  hydrate(generation: number): RulesOfGeneration
}

export interface RulesOfGeneration {
  readonly config: HydratedSyncConfig
  evaluate(
    table: { schema: string; name: string },
    columns: readonly SourceColumn[],
    row: SourceRow,
    onError: (message: string) => void,
  ): { rows: BucketRow[]; lookups: ParameterLookup[] }
}

const defaultSchema = 'public'

export function parseSyncRules(yaml: string): SyncRules {
  const { config } = SqlSyncRules.fromYaml(yaml, { defaultSchema, throwOnError: true })
  return {
    hash: createHash('sha256').update(yaml).digest('hex'),
    matches: (table) =>
      config.getSourceTables().some((pattern) => pattern.matches(tableRef(table))),
    hydrate: (generation) => hydrate(config, generation),
  }
}

function hydrate(syncConfig: SyncConfig, generation: number): RulesOfGeneration {
  const config = syncConfig.hydrate({
    hydrationState: versionedHydrationState(generation),
    sqlite: null,
  })
  return {
    config,
    evaluate(table, columns, row, onError) {
      const ref = tableRef(table)
      const record = config.applyRowContext<never>(toSyncRulesRow(decodeRow(columns, row)))
      const { bucketDataSources, parameterLookupSources } = config.getMatchingSources(ref)
      const data = config.evaluateRowWithErrors({ sourceTable: ref, record, bucketDataSources })
      const parameters = config.evaluateParameterRowWithErrors(ref, record, {
        parameterLookupSources,
      })
      for (const { error } of [...data.errors, ...parameters.errors]) onError(error)
      return {
        rows: data.results.map(({ bucket, table: type, id, data: value }) => ({
          bucket,
          type,
          id,
          data: JSONBig.stringify(value),
        })),
        lookups: parameters.results.map(({ lookup, bucketParameters }) => ({
          lookup: lookup.serializedRepresentation,
          parameters: JSONBig.stringify(bucketParameters),
        })),
      }
    },
  }
}

function tableRef({ schema, name }: { schema: string; name: string }): SourceTableRef {
  return { connectionTag: 'default', schema, name }
}

function decodeRow(columns: readonly SourceColumn[], row: SourceRow) {
  return Object.fromEntries(
    columns.map(({ name, type }) => {
      const text = row.get(name)
      return [name, text === null || text === undefined ? null : decodeValue(text, type)]
    }),
  )
}
