import { loadCrypto } from '@sealbook/crypto'
import { createSyncApi } from '@sealbook/sync-client'
import { createApiClient } from './api-client.ts'
import { openDeviceStore } from './device-store.ts'
import { deriveCalibrated, deriveInWorker } from './key-derivation.ts'
import { openLedger } from './ledger.ts'
import { detectStorage, removeDatabase } from './local-database.ts'
import { createSession } from './session-store.ts'
import type { SessionStore } from './session-types.ts'
import { connectTabs } from './tabs.ts'
import { readUnsavedFields } from './unsaved-fields.ts'

/** The session of this tab, wired to the browser and to the server that it was loaded from. */
export function startSession(): SessionStore {
  const syncApi = createSyncApi((input, init) => fetch(input, init), '')
  const session = createSession({
    api: createApiClient((input, init) => fetch(input, init)),
    device: openDeviceStore(),
    tabs: connectTabs(),
    derivation: { derive: deriveInWorker, deriveCalibrated },
    openLedger: (input) => openLedger({ ...input, api: syncApi }),
    removeDatabase,
    detectStorage,
    readUnsaved: () => readUnsavedFields(document),
  })
  void loadCrypto().then(() => session.start())
  return session
}
