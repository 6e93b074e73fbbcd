import type { FastifyInstance } from 'fastify'

/** `METHOD /path` of every route: Fastify's own list, printed as a tree of prefixes: nothing registered anywhere escapes it. */
export function listRoutes(app: FastifyInstance): string[] {
  const prefixes: string[] = []
  const found: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, segment, methods] = /^(.*)[├└]── (\S*)(?: \((.+)\))?$/u.exec(line) ?? []
    if (indent === undefined || segment === undefined) continue
    const depth = indent.length / 4
    const url = (prefixes[depth - 1] ?? '') + segment
    prefixes[depth] = url
    for (const method of methods?.split(', ') ?? []) found.push(`${method} ${url}`)
  }
  return found
}
