import { deriveKek, loadCrypto, type KdfError, type KdfParams, type Result } from '@sealbook/crypto'

export interface KdfRequest {
  readonly secretKey: string
  readonly params: KdfParams
}

export type KdfAnswer = Result<{ readonly kek: Uint8Array; readonly elapsedMs: number }, KdfError>

self.onmessage = (event: MessageEvent<KdfRequest>) => {
  void answer(event.data).then((result) => self.postMessage(result))
}

async function answer({ secretKey, params }: KdfRequest): Promise<KdfAnswer> {
  await loadCrypto()
  const startedAt = performance.now()
  const kek = deriveKek(secretKey, params)
  if (!kek.ok) return kek
  return { ok: true, value: { kek: kek.value, elapsedMs: performance.now() - startedAt } }
}
