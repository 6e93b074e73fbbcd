import type { IncomingMessage } from 'node:http'
import { bsonContentType, ndjsonContentType } from '../stream/lines.ts'

/** BSON only for a client that prefers it, as the PowerSync Service does. */
export function streamContentType(accept: string | undefined): string {
  const bson = quality(accept ?? '', bsonContentType)
  return bson > 0 && bson >= quality(accept ?? '', ndjsonContentType)
    ? bsonContentType
    : ndjsonContentType
}

/** gzip when it is offered and bytes cost something: not on this same machine. */
export function wantsGzip(req: IncomingMessage): boolean {
  const isProxied = req.headers['x-forwarded-for'] !== undefined
  const isLocal = loopback.test(req.socket.remoteAddress ?? '')
  return (
    (isProxied || !isLocal) && quality(String(req.headers['accept-encoding'] ?? ''), 'gzip') > 0
  )
}

const loopback = /^(?:::ffff:)?127\.|^::1$/

function quality(header: string, wanted: string): number {
  for (const entry of header.split(',')) {
    const [name, ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    if (name !== wanted) continue
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    return q === undefined ? 1 : Number(q.slice(2)) || 0
  }
  return 0
}
