import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'

/** Collects every route that is registered later and shows them at /api/docs. */
export async function publishDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Sealbook',
        version: '1',
        description:
          'Stores ciphertext, wrapped keys and their relations; it cannot read an amount.',
      },
    },
    transform: jsonSchemaTransform,
  })
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    // Without the bar at the top, whose logo has an inline style that the origin's policy forbids.
    uiConfig: { layout: 'BaseLayout' },
  })
}
