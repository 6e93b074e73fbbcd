import { loadCrypto } from '@sealbook/crypto'
import { openDevice, type Device, type DeviceOptions } from './device/device.ts'

/** A process of its own with a device in it, told what to do by its parent; to be killed. */
export interface Call {
  readonly id: number
  readonly method: keyof Device | 'open'
  readonly args: readonly unknown[]
}

export interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

let device: Device | undefined

async function handle({ method, args }: Call): Promise<unknown> {
  if (method === 'open') {
    device = await openDevice(args[0] as DeviceOptions)
    return undefined
  }
  if (device === undefined) throw new Error('the device is not open')
  const methods = device as unknown as Record<string, (...given: readonly unknown[]) => unknown>
  return methods[method]?.(...args)
}

void loadCrypto()
process.on('message', (call: Call) => {
  handle(call).then(
    (value) => process.send?.({ id: call.id, value } satisfies Answer),
    (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.send?.({ id: call.id, error: text } satisfies Answer)
    },
  )
})
process.on('disconnect', () => process.exit(0))
