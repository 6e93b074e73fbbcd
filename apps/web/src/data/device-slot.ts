import { asUserKey, type UserKey } from '@sealbook/crypto'
import type { DeviceSlot } from './device-store.ts'

const ivBytes = 12

/** Wraps the user key under a new non-extractable key, which lives in this browser profile only. */
export async function createDeviceSlot(userKey: UserKey, userId: string): Promise<DeviceSlot> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes))
  const wrapped = await crypto.subtle.encrypt(parameters(iv, userId), key, new Uint8Array(userKey))
  return { key, iv, wrapped }
}

/** Null when the slot belongs to another person or was altered. */
export async function openDeviceSlot(slot: DeviceSlot, userId: string): Promise<UserKey | null> {
  try {
    const opened = await crypto.subtle.decrypt(parameters(slot.iv, userId), slot.key, slot.wrapped)
    return asUserKey(new Uint8Array(opened))
  } catch {
    return null
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, userId: string): AesGcmParams {
  const place = new TextEncoder().encode(`sealbook|device-slot|${userId}`)
  return { name: 'AES-GCM', iv, additionalData: place }
}
