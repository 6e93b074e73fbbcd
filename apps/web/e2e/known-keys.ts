import type { Page } from '@playwright/test'
import {
  deriveKek,
  deriveRowKeys,
  loadCrypto,
  openSecretKeySlot,
  unwrapDatabaseKey,
  unwrapDataKey,
  type KeySlot,
  type Result,
} from '@sealbook/crypto'
import type { SoughtKey } from '@sealbook/testing/browser'

/**
 * The keys of the person who is signed in at `page`, opened as `docs/crypto.md` says from the secret
 * key and from what the server and the device keep wrapped: the app itself gives none away.
 */
export async function keysOf(page: Page, secretKey: string): Promise<SoughtKey[]> {
  await loadCrypto()
  const { userId, bundle, record } = await readWrapped(page)
  const slot = bundle.slots.find(({ kind }) => kind === 'secret-key')
  if (slot === undefined || slot.kdf === null)
    throw new Error('the server has no slot of the secret key')
  const kek = opened(deriveKek(secretKey, slot.kdf))
  const userKey = opened(openSecretKeySlot(slot, userId, kek))
  const place = { userKey, userId }
  const { deviceId, wrappedKey } = record
  const databaseKey = opened(unwrapDatabaseKey({ ...place, deviceId, wrapped: wrappedKey }))
  const keys: SoughtKey[] = [
    { name: 'user key', bytes: userKey },
    { name: 'database key', bytes: databaseKey },
  ]
  for (const { workspaceId, dataKeys } of bundle.workspaces)
    for (const { keyVersion, wrapped } of dataKeys) {
      const dataKey = opened(unwrapDataKey({ ...place, workspaceId, keyVersion, wrapped }))
      const subkeys = deriveRowKeys(dataKey, workspaceId, keyVersion)
      keys.push(
        { name: 'data key', bytes: dataKey },
        { name: 'fields subkey', bytes: subkeys.fields },
        { name: 'row seals subkey', bytes: subkeys.rowSeals },
      )
    }
  return keys
}

function opened<T>(result: Result<T, { readonly kind: string }>): T {
  if (!result.ok) throw new Error(`a key does not open: ${result.error.kind}`)
  return result.value
}

interface Wrapped {
  readonly userId: string
  readonly bundle: {
    readonly slots: readonly KeySlot[]
    readonly workspaces: readonly {
      readonly workspaceId: string
      readonly dataKeys: readonly { readonly keyVersion: number; readonly wrapped: string }[]
    }[]
  }
  readonly record: { readonly deviceId: string; readonly wrappedKey: string }
}

async function readWrapped(page: Page): Promise<Wrapped> {
  return page.evaluate(async () => {
    const read = <T>(key: string) =>
      new Promise<T>((resolve, reject) => {
        const opening = indexedDB.open('sealbook-device')
        opening.onerror = () => reject(new Error('the device store did not open'))
        opening.onsuccess = () => {
          const asking = opening.result.transaction('entries').objectStore('entries').get(key)
          asking.onsuccess = () => {
            opening.result.close()
            resolve(asking.result as T)
          }
        }
      })
    const { id } = await read<{ id: string }>('user')
    return {
      userId: id,
      bundle: (await (await fetch('/api/keys')).json()) as Wrapped['bundle'],
      record: await read<Wrapped['record']>(`database:${id}`),
    }
  })
}
