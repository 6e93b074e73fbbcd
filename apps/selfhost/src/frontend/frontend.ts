import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createGateway } from '../gateway.ts'
import { securityHeaders } from '../security-headers.ts'
import { buildSite } from '../site.ts'
import type { FrontendConfig } from './config.ts'
import { buildProxy } from './proxy.ts'

/** A running frontend. */
export interface Frontend {
  readonly port: number
  /** Open streams are cut: clients connect again by themselves. */
  stop(): Promise<void>
}

const apiPaths = /^\/(api|\.well-known)(\/|$)/
/** What clients use of the sync service. Its administration stays inside. */
const syncPaths = /^\/(sync\/|write-checkpoint2?\.json$|probes\/liveness$)/

/**
 * The same origin as `npm start` gives, with the API and the sync service in other processes:
 * the same page, headers and caching, from the same code.
 *
 * @param siteDir the built PWA
 */
export async function startFrontend(config: FrontendConfig, siteDir: string): Promise<Frontend> {
  const { trustProxy } = config
  const [site, api, sync] = await Promise.all([
    buildSite(siteDir),
    buildProxy({ upstream: config.backendUrl, allow: apiPaths, trustProxy }),
    buildProxy({ upstream: config.powersyncUrl, allow: syncPaths, trustProxy }),
  ])
  const gateway = createGateway(securityHeaders(config.publicUrl, undefined))
  gateway.open({
    site: (request, response) => site.routing(request, response),
    api: (request, response) => api.routing(request, response),
    sync: (request, response) => sync.routing(request, response),
  })
  const { server } = gateway
  server.listen(config.port, config.host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await Promise.all([site, api, sync].map((part) => part.close()))
    },
  }
}
