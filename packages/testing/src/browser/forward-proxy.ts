import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** An HTTP proxy for one browser context, whose cable can be pulled. */
export interface ForwardProxy {
  /** For Playwright's `proxy.server`; `bypass: '<-loopback>'` sends localhost through it too. */
  readonly url: string
  /** Ends every connection and takes no new one: also what workers hold open. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** Unlike Playwright's `setOffline`, a cut reaches shared workers and streams already open. */
export async function startForwardProxy(): Promise<ForwardProxy> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((incoming, response) => forward(incoming, response, sockets))
  server.on('connection', (socket) => {
    if (isCut) socket.destroy()
    else track(sockets, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
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

function forward(incoming: IncomingMessage, response: ServerResponse, sockets: Set<Socket>): void {
  const { method, headers } = incoming
  const outgoing = request(incoming.url ?? '', { method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  outgoing.on('socket', (socket) => track(sockets, socket))
  outgoing.on('error', () => response.destroy())
  response.on('close', () => outgoing.destroy())
  incoming.pipe(outgoing)
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => sockets.delete(socket))
}
