import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RateLimit } from './config.ts'
import type { Counter } from './counters.ts'
import { ApiError } from './errors.ts'
import { networkOf } from './network.ts'

/** A hook of a route or a context. */
export type LimitHook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Who or what a limit counts; null: this request is none of its business. */
type KeyOf = (request: FastifyRequest) => string | null

/**
 * Counts requests and refuses those beyond the limit. Put it behind `requireOwnOrigin`: what another
 * page makes a browser send must not use up a person's share.
 *
 * @param name what is counted together; one counter serves many.
 */
export function limitBy(
  counter: Counter,
  name: string,
  limit: RateLimit,
  keyOf: KeyOf = byNetwork,
): LimitHook {
  return async (request, reply) => {
    const key = keyOf(request)
    if (key === null) return
    const { hits, leftMs } = await counter.hit(`${name} ${key}`, limit.windowMs)
    if (hits <= limit.max) return
    reply.header('retry-after', Math.max(1, Math.ceil(leftMs / 1_000)))
    throw new ApiError('too-many-requests', 'too many requests; wait as long as Retry-After says')
  }
}

export function byNetwork(request: FastifyRequest): string {
  return networkOf(request.ip)
}

/** Put it behind `requireSessions`. */
export function byAccount(request: FastifyRequest): string | null {
  return request.session?.userId ?? null
}

/** Everybody together. */
export function inTotal(): string {
  return 'all'
}
