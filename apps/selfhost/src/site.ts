import fastifyStatic from '@fastify/static'
import fastify, { type FastifyInstance } from 'fastify'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** Vite puts a content hash in every name below this folder. */
const hashedFolder = 'assets'

/** Where a locked page stops on its way to a new one: the file in apps/web/public says what for. */
const leavePage = 'leave.html'

/**
 * Serves the built PWA. Hashed files are kept for ever; everything else (index.html, sw.js, the
 * manifest) is asked for again each time. A page's address that is no file gets index.html; a
 * missing file is a 404, so that an old page never takes HTML for a script.
 */
export async function buildSite(root: string): Promise<FastifyInstance> {
  const site = fastify({ logger: false })
  const leavePolicy = await sandboxPolicy(path.join(root, leavePage))
  await site.register(fastifyStatic, {
    root,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, file) {
      const folder = path.relative(root, file).split(path.sep)[0]
      const immutable = folder === hashedFolder
      const caching = immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
      reply.raw.setHeader('cache-control', caching)
      if (path.relative(root, file) === leavePage)
        reply.raw.setHeader('content-security-policy', leavePolicy)
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

/** The page's own script may run, with no rights over what is of this origin. */
async function sandboxPolicy(file: string): Promise<string> {
  const html = await readFile(file, 'utf8')
  const script = /<script>(.*?)<\/script>/s.exec(html)?.[1] ?? ''
  const hash = createHash('sha256').update(script).digest('base64')
  return `default-src 'none'; script-src 'sha256-${hash}'; sandbox allow-scripts; frame-ancestors 'none'; base-uri 'none'`
}
