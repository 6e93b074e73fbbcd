import { once } from 'node:events'
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { lieAboutKeys, type KeyAnswer } from './key-answers.ts'
import type { UploadFault } from './plan.ts'

/** All that stands between one device and the server. */
export interface Network {
  readonly url: string
  /** Requests that have been spoiled so far. */
  readonly spoiled: number
  goOffline(): void
  goOnline(): void
  /** The next upload meets this; several meet the next ones. */
  spoilUpload(fault: NetworkFault): void
  /** The next answer to the question for keys is this one. */
  lieAboutKeys(answer: KeyAnswer): void
  /** Delivers what is held back; from here on nothing is spoiled. */
  heal(): Promise<void>
  close(): Promise<void>
}

/** `swallow` is no fault of networks: the server's yes to a request that it threw away. */
export type NetworkFault = UploadFault | 'swallow'

/** How long an answer is held back at most, unless the network heals before. */
const lateMs = 400

interface Answered {
  readonly status: number
  readonly headers: Record<string, string | string[]>
  readonly body: Buffer
}

export async function startNetwork(upstream: string): Promise<Network> {
  let isOnline = true
  let spoiled = 0
  const faults: NetworkFault[] = []
  const keyLies: KeyAnswer[] = []
  let heldRequests: (() => Promise<unknown>)[] = []
  let healed = new AbortController()
  const server = createServer((request, response) => {
    if (!isOnline) return void response.destroy()
    relay(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isUpload = request.url === '/api/sync/upload'
    const body = await readAll(request)
    const keyLie = request.url === '/api/keys' ? keyLies.shift() : undefined
    if (keyLie !== undefined) {
      const answer = await ask(upstream, request, body)
      const { 'content-length': _length, ...headers } = answer.headers
      return reply(response, { ...answer, headers, body: lieAboutKeys(answer.body, keyLie) })
    }
    const fault = isUpload ? faults.shift() : undefined
    if (fault === undefined) {
      if (isUpload) response.once('finish', () => void deliverHeld())
      return stream(upstream, request, body, response)
    }
    spoiled += 1
    const deliver = () => ask(upstream, request, body)
    switch (fault) {
      case 'lose-request':
        return void response.destroy()
      case 'swallow':
        return void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ applied: 1, errors: [] }))
      case 'lose-answer':
        await deliver()
        return void response.destroy()
      case 'send-twice':
        await deliver()
        return reply(response, await deliver())
      case 'deliver-late':
        heldRequests.push(deliver)
        return void response.destroy()
      case 'answer-late': {
        const answer = await deliver()
        await untilAborted(healed.signal, lateMs)
        return reply(response, answer)
      }
    }
  }

  /** A late request comes after those that overtook it. */
  async function deliverHeld(): Promise<void> {
    const held = heldRequests
    heldRequests = []
    // To a server that was killed meanwhile it does not come at all.
    for (const deliver of held) await deliver().catch(() => undefined)
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get spoiled() {
      return spoiled
    },
    goOffline() {
      isOnline = false
      server.closeAllConnections()
    },
    goOnline() {
      isOnline = true
      void deliverHeld()
    },
    spoilUpload: (fault) => void faults.push(fault),
    lieAboutKeys: (answer) => void keyLies.push(answer),
    async heal() {
      isOnline = true
      faults.length = 0
      keyLies.length = 0
      healed.abort()
      healed = new AbortController()
      await deliverHeld()
    },
    async close() {
      healed.abort()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function forward(upstream: string, request: IncomingMessage, body: Buffer) {
  const { host, hostname, port } = new URL(upstream)
  const { connection: _, 'accept-encoding': __, ...headers } = request.headers
  const forwarded = httpRequest({
    hostname,
    port,
    path: request.url,
    method: request.method,
    headers: { ...headers, host },
  })
  forwarded.end(body)
  return forwarded
}

async function ask(upstream: string, request: IncomingMessage, body: Buffer): Promise<Answered> {
  const [answer] = (await once(forward(upstream, request, body), 'response')) as [IncomingMessage]
  return {
    status: answer.statusCode ?? 502,
    headers: headersOf(answer),
    body: await readAll(answer),
  }
}

function reply(response: ServerResponse, { status, headers, body }: Answered): void {
  response.writeHead(status, headers).end(body)
}

/** Line by line as it comes: a sync stream never ends. */
async function stream(
  upstream: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const forwarded = forward(upstream, request, body)
  response.on('close', () => forwarded.destroy())
  forwarded.on('error', () => response.destroy())
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage]
  answer.on('error', () => response.destroy())
  answer.on('aborted', () => response.destroy())
  response.writeHead(answer.statusCode ?? 502, headersOf(answer))
  response.flushHeaders()
  answer.pipe(response)
}

function headersOf({ headers }: IncomingMessage): Answered['headers'] {
  const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...rest } = headers
  return Object.fromEntries(
    Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function untilAborted(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
