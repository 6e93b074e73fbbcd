import {
  deriveRowKeys,
  drawNonces,
  generateDataKey,
  loadCrypto,
  openValue,
  sealValue,
  type FieldValue,
} from '@sealbook/crypto'
import sodium from 'libsodium-wrappers-sumo'
import { alternate, type BenchResult, type Workload } from '../measure.ts'

const values = 20_000
const rounds = 9
const nonceBytes = 24
const minRatio = 0.7
const workspaceId = '5e0f0000-0000-4000-8000-000000000001'
const keyVersion = 1

/** Sealing and opening of amounts, envelope and base64 included, against libsodium alone. */
export const envelopeWorkload: Workload = {
  names: ['envelope.seal', 'envelope.open'],
  run: async () => {
    await loadCrypto()
    const keys = deriveRowKeys(generateDataKey(), workspaceId, keyVersion)
    const keyring = { workspaceId, current: keyVersion, byVersion: new Map([[keyVersion, keys]]) }
    const rowIds = Array.from({ length: values }, (_, row) => rowId(row))
    const place = (row: number) => ({
      workspaceId,
      table: 'transactions',
      rowId: rowIds[row] ?? '',
      column: 'amount',
    })
    const envelopes: string[] = []
    const seal = () => {
      const nonces = drawNonces(values)
      for (let row = 0; row < values; row++) {
        const nonce = nonces.subarray(row * nonceBytes, (row + 1) * nonceBytes)
        envelopes[row] = sealValue(keys, place(row), 'integer', BigInt(row) - 5_000n, nonce)
      }
    }
    const opened: FieldValue[] = []
    const open = () => {
      for (let row = 0; row < values; row++) {
        const result = openValue(keyring, place(row), 'integer', envelopes[row] ?? '')
        if (!result.ok) throw new Error(`row ${row} did not open: ${result.error.kind}`)
        opened[row] = result.value
      }
    }
    const bare = bareLoop()
    const results = [
      report(
        'envelope.seal',
        await alternate(
          rounds,
          () => rate(seal),
          () => rate(bare.seal),
        ),
      ),
      report(
        'envelope.open',
        await alternate(
          rounds,
          () => rate(open),
          () => rate(bare.open),
        ),
      ),
    ]
    if (opened[7] !== -4_993n) throw new Error('a value came back changed')
    return results
  },
}

/** The same number of 32-byte plaintexts and AADs of the same length, through libsodium and nothing else. */
function bareLoop(): { seal: () => void; open: () => void } {
  const key = sodium.crypto_aead_xchacha20poly1305_ietf_keygen()
  const plaintext = new Uint8Array(32).fill(7)
  const aad = new Uint8Array(120).fill(9)
  const nonces = drawNonces(values)
  const nonceOf = (row: number) => nonces.subarray(row * nonceBytes, (row + 1) * nonceBytes)
  const sealed: Uint8Array[] = []
  const seal = () => {
    for (let row = 0; row < values; row++)
      sealed[row] = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plaintext,
        aad,
        null,
        nonceOf(row),
        key,
      )
  }
  seal()
  const open = () => {
    for (let row = 0; row < values; row++)
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        null,
        sealed[row] ?? plaintext,
        aad,
        nonceOf(row),
        key,
      )
  }
  return { seal, open }
}

function rate(run: () => void): number {
  const start = performance.now()
  run()
  return (values / (performance.now() - start)) * 1_000
}

function report(name: string, measured: { ours: number; reference: number }): BenchResult {
  const ratio = measured.ours / measured.reference
  return {
    name,
    unit: 'values/s',
    ...measured,
    ratio,
    goal: `ratio >= ${minRatio}`,
    holds: ratio >= minRatio,
  }
}

function rowId(row: number): string {
  return `5e0f0000-0000-4000-8000-${row.toString(16).padStart(12, '0')}`
}
