import { createStore, delMany, get, keys, set, update } from 'idb-keyval'
import type { Entries } from './device-store.ts'

const storeName = 'sealbook-device'

/** In IndexedDB, beside the encrypted database and outside it. */
export function openDeviceEntries(): Entries {
  const store = createStore(storeName, 'entries')
  return {
    get: (key) => get<unknown>(key, store),
    set: (key, value) => set(key, value, store),
    update: (key, change) => update<unknown>(key, change, store),
    remove: (names) => delMany([...names], store),
    keys: () => keys<string>(store),
  }
}
