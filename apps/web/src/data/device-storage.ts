/** What the browser stores for this origin. */
export interface DeviceStorage {
  readonly usedBytes: number | null
  readonly quotaBytes: number | null
  /** The browser promised not to throw it away. */
  readonly isKept: boolean
}

export async function readDeviceStorage(): Promise<DeviceStorage> {
  const [estimate, isKept] = await Promise.all([
    navigator.storage.estimate(),
    navigator.storage.persisted(),
  ])
  return { usedBytes: estimate.usage ?? null, quotaBytes: estimate.quota ?? null, isKept }
}
