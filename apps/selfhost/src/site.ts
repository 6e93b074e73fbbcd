import fastifyStatic from '@fastify/static'
import fastify, { type FastifyInstance } from 'fastify'
import path from 'node:path'

/** Vite puts a content hash in every name below this folder. */
const hashedFolder = 'assets'

/**
 * Serves the built PWA. Hashed files are kept for ever; everything else (index.html, sw.js, the
 * manifest) is asked for again each time. A page's address that is no file gets index.html; a
 * missing file is a 404, so that an old page never takes HTML for a script.
 */
export async function buildSite(root: string): Promise<FastifyInstance> {
  const site = fastify({ logger: false })
  await site.register(fastifyStatic, {
    root,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, file) {
      const folder = path.relative(root, file).split(path.sep)[0]
      const immutable = folder === hashedFolder
      const caching = immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
      reply.raw.setHeader('cache-control', caching)
    },
  })
  site.setNotFoundHandler((request, reply) => {
    const isPage =
      (request.method === 'GET' || request.method === 'HEAD') &&
      (request.headers.accept ?? '').includes('text/html')
    if (isPage) return reply.sendFile('index.html')
    return reply.code(404).type('text/plain; charset=utf-8').send('Not found')
  })
  await site.ready()
  return site
}
