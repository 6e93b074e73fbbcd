import { EventEmitter, once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { DownloadLog } from './download-log.ts'
import { type Frame, FrameReader } from './frames.ts'

/** How the gateway treats one client's streams. */
export interface Treatment {
  /** Replaces the client's `Accept`. */
  accept?: string
  /** Lets the engine compress, as if the client were far away. */
  isRemote?: boolean
  /** Cuts the connection, once, in the middle of this many data lines from now. */
  cutAfterDataLines?: number
  /** Changes a line on its way; false once it has done so. */
  alter?: ((frame: Frame) => Buffer | null) | undefined
}

/** What came with a stream's answer. */
export interface StreamAnswer {
  readonly status: number
  readonly contentType: string
  readonly contentEncoding: string | null
}

/**
 * Stands between clients and an engine, as a proxy does: outlives the engine's restarts, keeps a log
 * of what each client is sent, cuts connections.
 */
export interface Gateway {
  readonly url: string
  /** Streams go to another engine from now on; open ones end. */
  switchTo(upstreamUrl: string): void
  log(clientId: string): DownloadLog
  answers(clientId: string): readonly StreamAnswer[]
  treatment(clientId: string): Treatment
  /** Resolves once the cut that was asked for has been made. */
  untilCut(clientId: string): Promise<void>
  close(): Promise<void>
}

interface Known {
  readonly log: DownloadLog
  readonly answers: StreamAnswer[]
  readonly treatment: Treatment
  readonly cuts: EventEmitter
}

export async function startGateway(upstreamUrl: string): Promise<Gateway> {
  let upstream = upstreamUrl
  const clients = new Map<string, Known>()
  const known = (clientId: string): Known => {
    const entry = clients.get(clientId) ?? {
      log: new DownloadLog(),
      answers: [],
      treatment: {},
      cuts: new EventEmitter(),
    }
    clients.set(clientId, entry)
    return entry
  }
  const server = createServer((req, res) => {
    relay(upstream, known, req, res).catch(() => res.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    switchTo(url) {
      upstream = url
      server.closeAllConnections()
    },
    log: (clientId) => known(clientId).log,
    answers: (clientId) => known(clientId).answers,
    treatment: (clientId) => known(clientId).treatment,
    async untilCut(clientId) {
      const { treatment, cuts } = known(clientId)
      if (treatment.cutAfterDataLines !== undefined) await once(cuts, 'cut')
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface StreamBody {
  readonly client_id: string
  readonly buckets?: readonly { readonly name: string; readonly after: string }[]
}

async function relay(
  upstreamUrl: string,
  known: (clientId: string) => Known,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const stream =
    req.method === 'POST' && req.url?.endsWith('/sync/stream')
      ? (JSON.parse(body.toString('utf8')) as StreamBody)
      : null
  const client = stream && known(stream.client_id)
  const url = new URL(upstreamUrl)
  const headers: IncomingHttpHeaders = { ...req.headers, host: url.host }
  if (client?.treatment.accept) headers.accept = client.treatment.accept
  if (client?.treatment.isRemote) headers['x-forwarded-for'] = '203.0.113.7'
  else delete headers['accept-encoding'] // the log reads what passes

  const upstream = httpRequest({
    host: url.hostname,
    port: url.port,
    path: `${url.pathname.replace(/\/$/, '')}${req.url}`,
    method: req.method,
    headers,
  })
  upstream.on('error', () => res.destroy())
  res.on('close', () => upstream.destroy())
  upstream.end(body)
  const [answer] = (await once(upstream, 'response')) as [IncomingMessage]
  answer.on('error', () => res.destroy())
  res.writeHead(answer.statusCode ?? 502, withoutHopHeaders(answer))
  res.flushHeaders()
  if (!client) {
    answer.pipe(res)
    return
  }
  client.answers.push({
    status: answer.statusCode ?? 0,
    contentType: String(answer.headers['content-type']),
    contentEncoding: answer.headers['content-encoding'] ?? null,
  })
  const isReadable = answer.statusCode === 200 && !answer.headers['content-encoding']
  if (isReadable) await relayLines(client, stream, answer, res)
  else for await (const chunk of answer as AsyncIterable<Buffer>) await send(res, chunk)
  res.end()
}

async function relayLines(
  { log, treatment, cuts }: Known,
  { buckets = [] }: StreamBody,
  answer: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  log.request(buckets)
  const reader = new FrameReader(String(answer.headers['content-type']))
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    for (const frame of reader.push(chunk)) {
      if (frame.line['data'] && treatment.cutAfterDataLines !== undefined) {
        treatment.cutAfterDataLines -= 1
        if (treatment.cutAfterDataLines < 0) {
          delete treatment.cutAfterDataLines
          await send(res, frame.bytes.subarray(0, frame.bytes.length >> 1))
          res.destroy()
          cuts.emit('cut')
          return
        }
      }
      log.line(frame.line)
      await send(res, treatment.alter?.(frame) ?? frame.bytes)
    }
  }
}

async function send(res: ServerResponse, bytes: Buffer): Promise<void> {
  if (res.destroyed) throw new Error('The client is gone')
  if (res.write(bytes)) return
  await new Promise<void>((resolve) => {
    const goOn = () => {
      res.off('drain', goOn).off('close', goOn)
      resolve()
    }
    res.on('drain', goOn).on('close', goOn)
  })
}

function withoutHopHeaders({ headers }: IncomingMessage) {
  const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...rest } = headers
  return rest
}
