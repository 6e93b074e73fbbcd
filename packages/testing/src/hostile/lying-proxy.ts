import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { UploadOperation } from '@sealbook/schema/upload'
import { isStream, StreamTeller, type LineLie, type OpLie } from './stream-teller.ts'

/** A request of the app, read to its end. */
export interface Asked {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown
}

export interface Answered {
  readonly status: number
  /** JSON, or text that is sent as it stands. */
  readonly body: unknown
}

/**
 * What becomes of a request to `/api`. `ask` puts it to the real server, with another body where
 * one is given. Undefined: this lie is not about it.
 */
export type AnswerLie = (
  asked: Asked,
  ask: (body?: unknown) => Promise<Answered>,
) => Promise<Answered> | undefined

export interface Lies {
  readonly answer?: AnswerLie
  /** What a sync stream is answered with that the app asks for, instead of being opened. */
  readonly stream?: Answered
  /** What is sent instead of an operation of the sync stream. */
  readonly op?: OpLie
  /** What is sent instead of any other line of it. */
  readonly line?: LineLie
}

/** One batch that the app posted, whatever became of it. */
export interface PostedBatch {
  readonly operations: readonly UploadOperation[]
  /** Whether the real server got it as it was. */
  readonly isDelivered: boolean
}

/** The HTTP proxy of one browser context: everything between it and the server, to be lied about. */
export interface LyingProxy {
  /** For Playwright's `proxy.server`; `bypass: '<-loopback>'` sends localhost through it too. */
  readonly url: string
  readonly posted: readonly PostedBatch[]
  /** How often the app asked for a sync token, whatever it was answered: once a connection. */
  readonly tokensAsked: number
  /** What the sync stream truly said so far. */
  readonly stream: StreamTeller
  lie(lies: Lies): void
  beHonest(): void
  /** Ends the streams, so that the app connects anew. */
  dropStreams(): void
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** Where the app asks for what opens a sync stream. */
export const tokenPath = '/api/sync/token'

let addresses = 0

export async function startLyingProxy(): Promise<LyingProxy> {
  const sockets = new Set<Socket>()
  const streams = new Set<ServerResponse>()
  const posted: PostedBatch[] = []
  const stream = new StreamTeller()
  // The server counts requests by address: every device has one of its own.
  addresses += 1
  const address = `10.0.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`
  let lies: Lies = {}
  let tokensAsked = 0
  let isCut = false

  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '')
    handle(url, incoming, response).catch(() => response.destroy())
  })
  const handle = async (url: URL, incoming: IncomingMessage, response: ServerResponse) => {
    incoming.headers['x-forwarded-for'] = address
    if (isStream(url.pathname)) return serveStream(url, incoming, response)
    if (url.pathname.startsWith('/api/')) return serveAnswer(url, incoming, response)
    const answer = await ask(url, incoming, incoming, sockets)
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  }

  const serveStream = async (url: URL, incoming: IncomingMessage, response: ServerResponse) => {
    if (lies.stream !== undefined) {
      await read(incoming)
      return send(response, lies.stream)
    }
    // Lines that can be read and changed.
    incoming.headers['accept'] = 'application/x-ndjson'
    delete incoming.headers['accept-encoding']
    const answer = await ask(url, incoming, incoming, sockets, (abort) =>
      response.on('close', abort),
    )
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    streams.add(response)
    response.on('close', () => streams.delete(response))
    answer.on('error', () => response.destroy())
    if (answer.statusCode !== 200) return void answer.pipe(response)
    for await (const line of stream.tell(answer, () => lies)) response.write(line)
    response.end()
  }

  const serveAnswer = async (url: URL, incoming: IncomingMessage, response: ServerResponse) => {
    const bytes = await read(incoming)
    const body = bytes.length === 0 ? undefined : parse(bytes)
    delete incoming.headers['accept-encoding']
    let headers: IncomingMessage['headers'] = {}
    let isDelivered = false
    const askServer = async (other?: unknown): Promise<Answered> => {
      const sent = other === undefined ? bytes : Buffer.from(JSON.stringify(other))
      const answer = await ask(url, incoming, sent, sockets)
      headers = answer.headers
      isDelivered ||= other === undefined
      const text = (await read(answer)).toString()
      return { status: answer.statusCode ?? 502, body: text }
    }
    const asked = {
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body,
    }
    const parsedAsk = async (other?: unknown) => {
      const answer = await askServer(other)
      return { status: answer.status, body: parse(Buffer.from(answer.body as string)) }
    }
    if (url.pathname === tokenPath) tokensAsked += 1
    const answer = await (lies.answer?.(asked, parsedAsk) ?? askServer())
    if (url.pathname === '/api/sync/upload') {
      const { batch } = body as { batch: UploadOperation[] }
      posted.push({ operations: batch, isDelivered })
    }
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = headers
    send(response, answer, kept)
  }

  server.on('connection', (socket) => {
    if (isCut) socket.destroy()
    else track(sockets, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port was given')
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${bound.port}`,
    posted,
    get tokensAsked() {
      return tokensAsked
    },
    stream,
    lie: (given) => {
      lies = given
    },
    beHonest: () => {
      lies = {}
    },
    dropStreams: () => {
      for (const response of streams) response.destroy()
    },
    cut,
    mend: () => {
      isCut = false
    },
    close: async () => {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

function send(response: ServerResponse, { status, body }: Answered, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** Puts a request to the real server, with this body. */
async function ask(
  url: URL,
  { method, headers }: IncomingMessage,
  body: IncomingMessage | Buffer,
  sockets: Set<Socket>,
  onAbort: (abort: () => void) => void = () => undefined,
): Promise<IncomingMessage> {
  const { 'content-length': _length, 'proxy-connection': _connection, ...kept } = headers
  const length = Buffer.isBuffer(body) && body.length > 0 ? { 'content-length': body.length } : {}
  const given = Buffer.isBuffer(body) ? { ...kept, ...length } : headers
  const outgoing = request(url, { method, headers: given, agent: false })
  outgoing.on('socket', (socket) => track(sockets, socket))
  onAbort(() => outgoing.destroy())
  if (Buffer.isBuffer(body)) outgoing.end(body)
  else body.pipe(outgoing)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return answer
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** JSON, or the text where it is none. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown
  } catch {
    return bytes.toString()
  }
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => sockets.delete(socket))
}
