import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Call } from './device-child.ts'
import type { Device, DeviceOptions } from './device/device.ts'

/** The process that a call was made to is gone: killed, as the plan wanted. */
export class DeviceGoneError extends Error {
  override readonly name = 'DeviceGoneError'
}

/** A process that a device can be opened in. */
export class DeviceProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers>()
  readonly exited: Promise<NodeJS.Signals | number>
  #calls = 0
  #complaints = ''

  constructor(file: string) {
    this.#child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()))
    this.#child.on('message', (answer: Answer) => this.#settle(answer))
    this.exited = (once(this.#child, 'exit') as Promise<[number, NodeJS.Signals]>).then(
      ([code, signal]) => {
        for (const { reject } of this.#waiting.values()) {
          reject(new DeviceGoneError(this.#complaints))
        }
        this.#waiting.clear()
        return signal ?? code
      },
    )
  }

  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** What it wrote to its standard error. */
  get complaints(): string {
    return this.#complaints
  }

  open(options: DeviceOptions): Promise<void> {
    return this.#call('open', [options]) as Promise<void>
  }

  call<M extends keyof Device>(method: M, ...args: Parameters<Device[M]>): ReturnType<Device[M]> {
    return this.#call(method, args) as ReturnType<Device[M]>
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  #call(method: Call['method'], args: readonly unknown[]): Promise<unknown> {
    if (this.isGone) return Promise.reject(new DeviceGoneError(this.#complaints))
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      // A channel that is closed tells of a process that is about to exit, and `exited` then ends the
      // waiting. To reject here would have whoever asks again do so before the exit is ever noticed.
      this.#child.send({ id, method, args } satisfies Call, () => undefined)
    })
  }

  #settle({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(value)
    else waiting?.reject(new Error(error))
  }
}

/** Processes that have loaded everything and wait for a device: starting one takes a second. */
export class DevicePool {
  readonly #file: string
  readonly #spare: DeviceProcess[] = []

  /** @param file the bundled `device-child.ts`. */
  constructor(file: string) {
    this.#file = file
  }

  take(): DeviceProcess {
    const warm = this.#spare.shift()
    while (this.#spare.length < spareProcesses) this.#spare.push(new DeviceProcess(this.#file))
    return warm ?? new DeviceProcess(this.#file)
  }

  /** Its device is closed; the process takes the next one. */
  async giveBack(process: DeviceProcess): Promise<void> {
    try {
      await process.call('close')
      this.#spare.push(process)
    } catch (error) {
      // It had still been told to die.
      if (!(error instanceof DeviceGoneError)) throw error
    }
  }

  async close(): Promise<void> {
    for (const process of this.#spare.splice(0)) await process.kill()
  }
}

const spareProcesses = 2

interface PromiseWithResolvers {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}
