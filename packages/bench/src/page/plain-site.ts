import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

/** An origin with a page that holds `plainApp`, and PowerSync's own workers. */
export interface PlainSite {
  readonly url: string
  close(): void
}

const page = '<!doctype html><title>plain</title><body><script src="/plain-app.js"></script>'
const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
}

export async function servePlainApp(): Promise<PlainSite> {
  const require = createRequire(path.resolve('package.json'))
  const workers = path.dirname(require.resolve('@powersync/web/bundled_worker'))
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const send = async () => {
      if (pathname === '/') return response.setHeader('content-type', 'text/html').end(page)
      const file = pathname.startsWith('/worker/')
        ? path.join(workers, pathname.slice('/worker'.length))
        : path.resolve(`.cache/${path.basename(pathname)}`)
      const type = types[path.extname(file)] ?? 'text/plain'
      return response.setHeader('content-type', type).end(await readFile(file))
    }
    send().catch(() => response.writeHead(404).end())
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
