import replyFrom from '@fastify/reply-from'
import fastify, { type FastifyInstance } from 'fastify'

export interface ProxyOptions {
  /** Origin to which requests go. */
  readonly upstream: string
  /** Paths, without a query, that are passed on; every other one is a 404. */
  readonly allow: RegExp
  /** Fastify's trustProxy: whose word on the client's address counts. */
  readonly trustProxy: boolean | string
}

/**
 * Passes requests on, bodies and answers as streams in both directions. The service behind learns
 * the client's address from `X-Forwarded-For`, which holds this one address and nothing that the
 * client wrote.
 */
export async function buildProxy(options: ProxyOptions): Promise<FastifyInstance> {
  const proxy = fastify({ logger: false, trustProxy: options.trustProxy })
  await proxy.register(replyFrom, {
    base: options.upstream,
    disableRequestLogging: true,
    undici: {
      // A sync stream holds its connection for as long as the device is online.
      connections: null,
      bodyTimeout: 0,
    },
  })
  // Bodies are not looked at, so they are neither parsed nor limited here.
  proxy.removeAllContentTypeParsers()
  proxy.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  proxy.all('/*', (request, reply) => {
    if (!options.allow.test(resolvePath(request.url))) {
      return reply.code(404).type('text/plain; charset=utf-8').send('Not found')
    }
    return reply.from(request.url, {
      rewriteRequestHeaders: (_raw, headers) => ({
        ...headers,
        'x-forwarded-for': request.ip,
        'x-forwarded-host': request.host,
        'x-forwarded-proto': request.protocol,
      }),
      // The client tries again by itself, and knows whether it may.
      retryDelay: () => null,
      onError: (failed) => {
        void failed
          .code(503)
          .headers({ 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' })
          .send('Sealbook is starting.')
      },
    })
  })
  await proxy.ready()
  return proxy
}

/** What the path becomes on its way: `/sync/../api` is `/api`. Empty for one that names a host. */
function resolvePath(url: string): string {
  const base = 'http://upstream'
  const namesHost = /^[/\\]{2}/.test(url) || !url.startsWith('/')
  return namesHost || !URL.canParse(url, base) ? '' : new URL(url, base).pathname
}
