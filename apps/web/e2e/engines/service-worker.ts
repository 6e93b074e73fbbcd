import { once } from 'node:events'
import { createServer } from 'node:http'
import type { EnginePage } from '@sealbook/testing/engines'

/** Whether the engine, as it is driven, starts a service worker, asked by a page that is not ours. */
export async function hasServiceWorker(page: EnginePage): Promise<boolean> {
  const server = createServer(({ url }, response) => {
    const type = url === '/worker.js' ? 'text/javascript' : 'text/html'
    response.writeHead(200, { 'Content-Type': type }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  try {
    await page.goto(`http://localhost:${address.port}/`)
    return await page.evaluate(async () => {
      if (!('serviceWorker' in navigator)) return false
      const registered = navigator.serviceWorker.register('/worker.js').then(
        () => navigator.serviceWorker.ready.then(() => true),
        () => false,
      )
      const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 10_000))
      return await Promise.race([registered, late])
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
