import type { IncomingMessage, ServerResponse } from 'node:http'

/** Any origin may ask: access rests on the token alone, never on cookies. */
export function allowOrigins(res: ServerResponse): void {
  res.setHeader('Access-Control-Allow-Origin', '*')
  res.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, X-User-Agent')
  res.setHeader('Access-Control-Allow-Methods', 'GET, POST, OPTIONS')
  res.setHeader('Access-Control-Expose-Headers', 'Content-Type')
  res.setHeader('Access-Control-Max-Age', '3600')
}

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
  res.end(JSON.stringify(body))
}

/** An error in the PowerSync Service's shape. */
export function sendError(
  res: ServerResponse,
  status: number,
  error: { readonly name?: string; readonly code: string; readonly description: string },
): void {
  sendJson(res, status, { error: { name: 'ServiceError', status, ...error } })
}

export type BodyResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: 'too-large' | 'not-json' }

/** Reads a JSON body of at most `limitBytes`. */
export async function readJson(req: IncomingMessage, limitBytes: number): Promise<BodyResult> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limitBytes) return { ok: false, error: 'too-large' }
    chunks.push(chunk)
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown }
  } catch {
    return { ok: false, error: 'not-json' }
  }
}
