/** What the browser stores for this origin; null where it does not say. */
export interface DeviceStorage {
  readonly usedBytes: number | null
  readonly quotaBytes: number | null
  /** The browser promised not to throw it away. */
  readonly isKept: boolean | null
}

export async function readDeviceStorage(): Promise<DeviceStorage> {
  const manager = storageManager()
  const [estimate, isKept] = await Promise.all([
    answer(() => manager?.estimate?.()),
    answer(() => manager?.persisted?.()),
  ])
  return { usedBytes: estimate?.usage ?? null, quotaBytes: estimate?.quota ?? null, isKept }
}

/** Asks the browser not to throw the ledger away; null where it cannot be asked. */
export async function keepDeviceStorage(): Promise<boolean | null> {
  const manager = storageManager()
  return answer(() => manager?.persist?.())
}

/** WebKitGTK and some web views have none; each part of it came to browsers in a year of its own. */
export function storageManager(): Partial<StorageManager> | undefined {
  return (navigator as { storage?: Partial<StorageManager> }).storage
}

async function answer<T>(ask: () => Promise<T> | undefined): Promise<T | null> {
  try {
    return (await ask()) ?? null
  } catch {
    return null
  }
}
