/** The body of `POST /sync/stream`, as far as the engine uses it. */
export interface StreamRequest {
  /** Positions of the buckets that the client already has. */
  readonly buckets: readonly { readonly name: string; readonly after: bigint }[]
  readonly rawData: boolean
  readonly clientId: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly includeDefaults: boolean
  readonly subscriptions: readonly StreamSubscription[]
}

export interface StreamSubscription {
  readonly stream: string
  readonly parameters: Readonly<Record<string, unknown>> | null
  readonly overridePriority: number | null
}

/** null when the body is not a stream request. */
export function parseStreamRequest(body: unknown): StreamRequest | null {
  if (!isRecord(body)) return null
  const buckets = parseList(body['buckets'], parsePosition)
  const streams = isRecord(body['streams']) ? body['streams'] : {}
  const subscriptions = parseList(streams['subscriptions'], parseSubscription)
  const parameters = body['parameters'] ?? {}
  const clientId = body['client_id'] ?? ''
  if (!buckets || !subscriptions || !isRecord(parameters) || typeof clientId !== 'string') {
    return null
  }
  return {
    buckets,
    rawData: body['raw_data'] === true,
    clientId,
    parameters,
    includeDefaults: streams['include_defaults'] !== false,
    subscriptions,
  }
}

function parsePosition(value: unknown) {
  if (!isRecord(value)) return null
  const { name, after } = value
  if (typeof name !== 'string' || typeof after !== 'string' || !/^\d{1,19}$/.test(after))
    return null
  return { name, after: BigInt(after) }
}

function parseSubscription(value: unknown): StreamSubscription | null {
  if (!isRecord(value) || typeof value['stream'] !== 'string') return null
  const parameters = value['parameters'] ?? null
  const priority = value['override_priority'] ?? null
  if (parameters !== null && !isRecord(parameters)) return null
  if (priority !== null && typeof priority !== 'number') return null
  return { stream: value['stream'], parameters, overridePriority: priority }
}

function parseList<T>(value: unknown, parse: (item: unknown) => T | null): T[] | null {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return null
  const items = value.map(parse)
  return items.some((item) => item === null) ? null : (items as T[])
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
