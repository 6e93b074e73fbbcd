import { asKek, kdfDefault, kdfFloor, type KdfError, type KdfParams } from '@sealbook/crypto'
import { describe, expect, it } from 'vitest'
import { deriveCalibrated } from './key-derivation.ts'

const MiB = 1024

describe('calibrated derivation', () => {
  it('takes the default where a device bears it', async () => {
    const device = deviceOf(1_024 * MiB, 1)
    expect(await deriveCalibrated('secret', device.derive)).toMatchObject({
      value: { params: { memoryKiB: kdfDefault.memoryKiB, passes: kdfDefault.passes } },
    })
    expect(device.costs).toEqual([256])
  })

  it('halves the memory until it can be had', async () => {
    const device = deviceOf(100 * MiB, 1)
    expect(await deriveCalibrated('secret', device.derive)).toMatchObject({ ok: true })
    expect(device.costs).toEqual([256, 128, 64])
  })

  it('goes straight to what its time bears', async () => {
    const device = deviceOf(1_024 * MiB, 10)
    await deriveCalibrated('secret', device.derive)
    expect(device.costs).toEqual([256, 64])
  })

  it('never goes under the floor, however slow the device', async () => {
    const device = deviceOf(1_024 * MiB, 1_000)
    const derived = await deriveCalibrated('secret', device.derive)
    expect(derived).toMatchObject({ value: { params: { ...kdfFloor } } })
  })

  it('fails where even the floor cannot be had', async () => {
    const device = deviceOf(32 * MiB, 1)
    expect(await deriveCalibrated('secret', device.derive)).toEqual({
      ok: false,
      error: { kind: 'out-of-memory' },
    })
    expect(device.costs).toEqual([256, 128, 64])
  })
})

/** @param slowness seconds for 256 MiB. */
function deviceOf(memoryKiB: number, slowness: number) {
  const costs: number[] = []
  const derive = (_: string, params: KdfParams) => {
    costs.push(params.memoryKiB / MiB)
    const outOfMemory: KdfError = { kind: 'out-of-memory' }
    if (params.memoryKiB > memoryKiB) {
      return Promise.resolve({ ok: false as const, error: outOfMemory })
    }
    const elapsedMs = (slowness * 1_000 * params.memoryKiB) / kdfDefault.memoryKiB
    const kek = asKek(new Uint8Array(32))
    return Promise.resolve({ ok: true as const, value: { kek, elapsedMs } })
  }
  return { costs, derive }
}
