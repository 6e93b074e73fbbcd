import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { asUserKey, deriveRowKeys, unwrapDataKey, type WorkspaceKeys } from '@sealbook/crypto'
import {
  addOffers,
  groupDataKeys,
  markDataKeys,
  noKeptKeys,
  type KeptDataKey,
  type KeptKeys,
} from '@sealbook/web/keys'
import type { DeviceOptions } from './device.ts'

/** The keys that a device holds, merged with the server's answers as the app does it. */
export class KeptKeyRing {
  readonly #options: DeviceOptions
  #kept: KeptKeys = noKeptKeys
  #keys: WorkspaceKeys | null = null

  private constructor(options: DeviceOptions) {
    this.#options = options
  }

  /** From the device's files; at first from what it was given. */
  static async open(options: DeviceOptions): Promise<KeptKeyRing> {
    const ring = new KeptKeyRing(options)
    const text = await readFile(ring.#file(), 'utf8').catch(() => null)
    if (text !== null) ring.#kept = JSON.parse(text) as KeptKeys
    const { workspaceId, wrappedDataKeys: dataKeys } = options
    await ring.learn({ slots: [], workspaces: [{ workspaceId, dataKeys }] })
    return ring
  }

  get(workspaceId: string): WorkspaceKeys | undefined {
    return workspaceId === this.#options.workspaceId ? (this.#keys ?? undefined) : undefined
  }

  /** @param answer of the route of keys, whatever it is worth. */
  async learn(answer: unknown): Promise<void> {
    this.#kept = addOffers(this.#kept, answer as Parameters<typeof addOffers>[1])
    const { userId, workspaceId } = this.#options
    const userKey = asUserKey(new Uint8Array(Buffer.from(this.#options.userKey, 'base64')))
    const opened: KeptDataKey[] = []
    const byVersion = new Map<number, ReturnType<typeof deriveRowKeys>>()
    for (const [keyVersion, copies] of groupDataKeys(this.#kept).get(workspaceId) ?? []) {
      for (const copy of copies) {
        const place = { userKey, userId, workspaceId, keyVersion }
        const dataKey = unwrapDataKey({ ...place, wrapped: copy.wrapped })
        if (!dataKey.ok || byVersion.has(keyVersion)) continue
        byVersion.set(keyVersion, deriveRowKeys(dataKey.value, workspaceId, keyVersion))
        opened.push(copy)
      }
    }
    this.#kept = markDataKeys(this.#kept, opened)
    this.#keys =
      byVersion.size === 0
        ? null
        : { workspaceId, current: Math.max(...byVersion.keys()), byVersion }
    await writeFile(this.#file(), JSON.stringify(this.#kept))
  }

  #file(): string {
    return path.join(this.#options.folder, 'keys.json')
  }
}
