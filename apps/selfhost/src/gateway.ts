import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** Answers one request of Node's HTTP server. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** The three parts of the origin. */
export interface Handlers {
  readonly api: Handler
  readonly site: Handler
  /** Sees addresses without the `/powersync` prefix; undefined when an outside service syncs. */
  readonly sync: Handler | undefined
}

/** One HTTP server that hands each request to a part, untouched. */
export interface Gateway {
  readonly server: Server
  /** Until then every request is answered 503. */
  open(handlers: Handlers): void
}

/** Under which path of the origin the embedded sync engine answers. */
export const syncPrefix = '/powersync'

const apiPattern = /^\/(api|\.well-known)(\/|\?|$)/
const syncPattern = /^\/powersync(?=\/|\?|$)/

/** @param headers set on every answer before its handler runs. */
export function createGateway(headers: Readonly<Record<string, string>>): Gateway {
  let handlers: Handlers | undefined
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (!handlers) return answerStarting(response)
    const url = request.url ?? '/'
    if (apiPattern.test(url)) return handlers.api(request, response)
    if (handlers.sync && syncPattern.test(url)) {
      request.url = url.replace(syncPattern, '') || '/'
      return handlers.sync(request, response)
    }
    return handlers.site(request, response)
  })
  return {
    server,
    open(opened) {
      handlers = opened
    },
  }
}

function answerStarting(response: ServerResponse): void {
  response.writeHead(503, { 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' })
  response.end('Sealbook is starting.')
}
