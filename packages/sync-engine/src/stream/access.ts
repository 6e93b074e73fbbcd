import {
  BaseJwtPayload,
  type BucketParameterQuerier,
  type BucketPriority,
  type HydratedSyncConfig,
  isValidPriority,
  mergeBuckets,
  type QuerierError,
  RequestParameters,
  type RequestedStream,
  type ResolvedBucket,
  type SqliteJsonRow,
} from '@powersync/service-sync-rules'
import type { StoreView } from '../store/reader.ts'
import type { StreamRequest } from './request.ts'

/** One entry of a checkpoint line's `streams`. */
export interface StreamDescription {
  readonly name: string
  readonly is_default: boolean
  readonly errors: readonly {
    readonly subscription: number | 'default'
    readonly message: string
  }[]
}

/** A bucket that a client may see, described as in a checkpoint line. */
export interface VisibleBucket {
  readonly name: string
  readonly priority: BucketPriority
  readonly subscriptions: readonly ({ default: number } | { sub: number })[]
}

/** Which buckets one connection may see: the sync rules asked with its token and parameters. */
export class BucketAccess {
  readonly streams: readonly StreamDescription[]
  readonly #querier: BucketParameterQuerier
  readonly #streamIndex: ReadonlyMap<string, number>

  constructor(
    config: HydratedSyncConfig,
    tokenPayload: Readonly<Record<string, unknown>>,
    request: StreamRequest,
  ) {
    const requested = requestedStreams(request)
    const { querier, errors } = config.getBucketParameterQuerier({
      globalParameters: new RequestParameters(new BaseJwtPayload({ ...tokenPayload }), {
        ...request.parameters,
      }),
      hasDefaultStreams: request.includeDefaults,
      streams: requested,
    })
    this.#querier = querier
    const sources = config.bucketSourceDefinitions.filter(
      (source) =>
        (source.subscribedToByDefault && request.includeDefaults) ||
        Object.hasOwn(requested, source.name),
    )
    this.#streamIndex = new Map(sources.map((source, index) => [source.name, index]))
    this.streams = sources.map((source) => ({
      name: source.name,
      is_default: source.subscribedToByDefault,
      errors: errors.filter((error) => error.descriptor === source.name).map(describeError),
    }))
  }

  /** The buckets visible now, and the lookups whose change could change that. */
  async resolve(
    view: StoreView,
  ): Promise<{ buckets: VisibleBucket[]; lookups: ReadonlySet<string> }> {
    const lookups = new Set<string>()
    const dynamic = await this.#querier.queryDynamicBucketDescriptions({
      getParameterSets: async (scoped) => {
        const keys = scoped.map((lookup) => lookup.serializedRepresentation)
        for (const key of keys) lookups.add(key)
        const rows = await view.parameterRows(keys)
        return scoped.map((lookup, index) => ({ lookup, rows: rows.get(keys[index] ?? '') ?? [] }))
      },
    })
    const buckets = mergeBuckets([...this.#querier.staticBuckets, ...dynamic])
    return { buckets: buckets.map((bucket) => this.#describe(bucket)), lookups }
  }

  #describe(bucket: ResolvedBucket): VisibleBucket {
    return {
      name: bucket.bucket,
      priority: bucket.priority,
      subscriptions: bucket.inclusion_reasons.map((reason) =>
        reason === 'default'
          ? { default: this.#streamIndex.get(bucket.definition) ?? 0 }
          : { sub: reason.subscription },
      ),
    }
  }
}

function requestedStreams({ subscriptions }: StreamRequest): Record<string, RequestedStream[]> {
  const streams: Record<string, RequestedStream[]> = {}
  for (const [index, { stream, parameters, overridePriority }] of subscriptions.entries()) {
    const requested = (streams[stream] ??= [])
    requested.push({
      priorityOverride:
        overridePriority !== null && isValidPriority(overridePriority) ? overridePriority : null,
      parameters: (parameters ?? {}) as SqliteJsonRow,
      opaque_id: index,
    })
  }
  return streams
}

function describeError(error: QuerierError) {
  return {
    subscription: error.subscription?.opaque_id ?? ('default' as const),
    message: error.message,
  }
}
