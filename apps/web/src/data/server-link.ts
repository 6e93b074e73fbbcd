import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { findBase, takeBackChange, keepReceipts } from '@sealbook/crypto-router'
import { dayOf, monthOf } from '@sealbook/ledger'
import { createConnector, type SyncApi } from '@sealbook/sync-client'
import type { ResumeReason } from './lead-channel.ts'
import { readLinkStatus, type LinkStatus } from './link-status.ts'

const retryDelayMs = 3_000
const uploadThrottleMs = 50

export interface ServerLinkDeps {
  readonly db: AbstractPowerSyncDatabase
  readonly api: SyncApi
  readonly onStatus: (status: LinkStatus) => void
  /** The server no longer knows the account's session. */
  readonly onSignedOut: () => void
  /** It knows it, again or still. */
  readonly onSignedIn: () => void
  /** Ends waiting; the database's `close` ends the connection itself. */
  readonly signal: AbortSignal
}

/** Holds the browser's one connection to the server, from the Worker that leads. */
export interface ServerLink {
  readonly status: LinkStatus
  /** Does not wait for the next attempt; when the network is back, neither does uploading. */
  resume(reason: ResumeReason): void
}

/**
 * PowerSync retries by itself; what the browser tells us about the network is quicker. Once the
 * server has ended the session there is nothing to retry until the person, here or in another tab,
 * has signed in again.
 */
export function connectToServer(deps: ServerLinkDeps): ServerLink {
  const { db, api, signal } = deps
  let isEnded = false
  const end = () => {
    isEnded = true
    deps.onSignedOut()
    if (!signal.aborted) void db.disconnect()
  }
  const connector = createConnector({
    api: {
      ...api,
      async fetchToken() {
        const token = await api.fetchToken()
        if (token === null) end()
        else {
          isEnded = false
          deps.onSignedIn()
        }
        return token
      },
    },
    changes: { takeBack: takeBackChange, acknowledge: keepReceipts, findBase },
    now: () => Date.now(),
    random: () => Math.random(),
    onUploadState: (state) => {
      if (state === 'signed-out') end()
    },
    signal,
  })
  const isComplete = () => db.currentStatus.hasSynced === true
  const connect = () =>
    void db.connect(connector, {
      retryDelayMs,
      crudUploadThrottleMs: uploadThrottleMs,
      params: isComplete() ? {} : { month: monthOf(dayOf(new Date())) },
    })
  const unregister = db.registerListener({
    statusChanged: (status) => deps.onStatus(readLinkStatus(status)),
  })
  signal.addEventListener('abort', unregister, { once: true })
  connect()
  // The month comes first until everything is here. Then it would only come twice (ADR 33).
  if (!isComplete()) {
    void db.waitForFirstSync({ signal }).then(() => {
      if (!signal.aborted) connect()
    })
  }
  return {
    get status() {
      return readLinkStatus(db.currentStatus)
    },
    resume(reason) {
      if (reason === 'signed-in' && !isEnded) return
      if (reason === 'online') connector.resume()
      if (!signal.aborted && !db.closed && !db.currentStatus.connected) connect()
    },
  }
}
