import {
  asKek,
  kdfDefault,
  kdfFloor,
  newKdfParams,
  type KdfCost,
  type KdfError,
  type KdfParams,
  type Kek,
} from '@sealbook/crypto'
import type { KdfAnswer, KdfRequest } from './kdf.worker.ts'
import type { Result } from './session-types.ts'

/** A person waits this long at every unlocking, at most about. */
const patienceMs = 3_000

/** KEK of a secret key, in a Worker that is thrown away with the memory that Argon2id took. */
export async function deriveInWorker(
  secretKey: string,
  params: KdfParams,
): Promise<Result<{ kek: Kek; elapsedMs: number }, KdfError>> {
  const worker = new Worker(new URL('./kdf.worker.ts', import.meta.url), { type: 'module' })
  try {
    const answer = await new Promise<KdfAnswer>((resolve) => {
      worker.onmessage = (event: MessageEvent<KdfAnswer>) => resolve(event.data)
      // A Worker that runs out of memory dies instead of answering.
      worker.onerror = () => resolve({ ok: false, error: { kind: 'out-of-memory' } })
      worker.postMessage({ secretKey, params } satisfies KdfRequest)
    })
    if (!answer.ok) return answer
    return { ok: true, value: { kek: asKek(answer.value.kek), elapsedMs: answer.value.elapsedMs } }
  } finally {
    worker.terminate()
  }
}

/**
 * Derives a new slot's KEK at the highest cost that this device bears: the default, or as many
 * halvings of its memory as failing to allocate or the time that it took ask for, never under the
 * floor.
 */
export async function deriveCalibrated(
  secretKey: string,
  derive: typeof deriveInWorker = deriveInWorker,
): Promise<Result<{ kek: Kek; params: KdfParams }, KdfError>> {
  let cost: KdfCost = kdfDefault
  for (;;) {
    const params = newKdfParams(cost)
    const derived = await derive(secretKey, params)
    const cheaper = cheaperCost(cost, derived)
    if (cheaper !== null) cost = cheaper
    else if (derived.ok) return { ok: true, value: { kek: derived.value.kek, params } }
    else return derived
  }
}

/** Null when the outcome stands. */
function cheaperCost(
  cost: KdfCost,
  derived: Result<{ elapsedMs: number }, KdfError>,
): KdfCost | null {
  if (cost.memoryKiB <= kdfFloor.memoryKiB) return null
  if (!derived.ok && derived.error.kind !== 'out-of-memory') return null
  let memoryKiB = cost.memoryKiB
  let expectedMs = derived.ok ? derived.value.elapsedMs : 2 * patienceMs
  while (expectedMs > patienceMs && memoryKiB > kdfFloor.memoryKiB) {
    memoryKiB = Math.max(kdfFloor.memoryKiB, memoryKiB / 2)
    expectedMs /= 2
  }
  return memoryKiB === cost.memoryKiB ? null : { ...cost, memoryKiB }
}
