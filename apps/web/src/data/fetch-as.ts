import { ownerHeader } from './api-client.ts'

/** A ledger never syncs with the session of somebody who has signed in meanwhile. */
export function fetchAs(userId: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set(ownerHeader, userId)
    return fetch(input, { ...init, headers })
  }
}
