import { loadCrypto } from '@sealbook/crypto'
import { createApiClient } from './api-client.ts'
import { openDeviceEntries } from './device-entries.ts'
import { createDeviceStore } from './device-store.ts'
import { endDocument } from './document-end.ts'
import { deriveCalibrated, deriveInWorker } from './key-derivation.ts'
import { openLedger } from './ledger.ts'
import { detectStorage, removeDatabase } from './local-database.ts'
import { watchPageLife } from './page-life.ts'
import { trackWorkers } from './page-workers.ts'
import { createSession, type Session } from './session-store.ts'
import type { SessionStore } from './session-types.ts'
import { connectTabs } from './tabs.ts'
import { readUnsavedFields } from './unsaved-fields.ts'

/**
 * The session of this tab, wired to the browser and to the server that it was loaded from.
 * Rejects when the cryptography does not run; `started`, when the device's storage fails.
 */
export async function startSession(): Promise<{ store: SessionStore; started: Promise<void> }> {
  await loadCrypto()
  trackWorkers()
  const session: Session = createSession({
    api: createApiClient(
      (input, init) => fetch(input, init),
      () => session.ownerId(),
    ),
    device: createDeviceStore(openDeviceEntries()),
    tabs: connectTabs(),
    derivation: { derive: deriveInWorker, deriveCalibrated },
    openLedger,
    removeDatabase,
    detectStorage,
    endDocument,
    readUnsaved: () => readUnsavedFields(document),
  })
  watchPageLife({
    suspend: (isLast) => session.suspend(isLast),
    resume: () => void session.wake(),
  })
  return { store: session, started: session.start() }
}
