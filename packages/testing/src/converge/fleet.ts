import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { DeviceSizes, DeviceState } from './device/device.ts'
import { DeviceGoneError, type DevicePool, type DeviceProcess } from './device-process.ts'
import type { DumpedRow, Edit, Kept } from './history.ts'
import type { Household } from './household.ts'
import type { KeyAnswer } from './key-answers.ts'
import { startNetwork, type Network, type NetworkFault } from './network.ts'
import type { CrashMoment } from './plan.ts'

export interface FleetOptions {
  readonly origin: string
  readonly household: Household
  readonly clockSkewsMs: readonly number[]
  readonly processes: DevicePool
}

interface Seat {
  readonly network: Network
  readonly folder: string
  process: DeviceProcess
  isOnline: boolean
  /** Crashes to come, one after the other: the process knows of the first. */
  readonly crashes: Crash[]
}

interface Crash {
  readonly moment: CrashMoment
  readonly afterMs: number
}

const lookAgainMs = 20

/** The devices of one run: odd ones belong to the second member, the others to the first. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #seats: Seat[] = []
  readonly #kills: Record<CrashMoment, number> = { upload: 0, route: 0, now: 0 }

  private constructor(options: FleetOptions) {
    this.#options = options
  }

  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options)
    for (let device = 0; device < options.clockSkewsMs.length; device++) {
      const folder = await mkdtemp(path.join(tmpdir(), 'sealbook-converge-'))
      const network = await startNetwork(options.origin)
      fleet.#seats.push({
        network,
        folder,
        process: options.processes.take(),
        isOnline: true,
        crashes: [],
      })
    }
    await Promise.all(fleet.#seats.map((_, device) => fleet.#openDevice(device)))
    return fleet
  }

  get size(): number {
    return this.#seats.length
  }

  /** Devices killed so far, by the moment. */
  get kills(): Readonly<Record<CrashMoment, number>> {
    return { ...this.#kills }
  }

  get spoiled(): number {
    return this.#seats.reduce((sum, { network }) => sum + network.spoiled, 0)
  }

  act(device: number, chance: number): Promise<void> {
    return this.#unlessKilled(device, (process) => process.call('act', chance))
  }

  /** An edit of a row that is there, without a note of it: for runs whose end nobody judges. */
  editAgain(device: number, chance: number): Promise<void> {
    return this.#unlessKilled(device, (process) => process.call('editAgain', chance))
  }

  decide(device: number, chance: number): Promise<void> {
    return this.#unlessKilled(device, (process) => process.call('decide', chance))
  }

  /** Not before those that were asked for earlier have happened. */
  async crash(device: number, moment: CrashMoment, afterMs: number): Promise<void> {
    await this.#revive(device)
    const { crashes } = this.#seat(device)
    crashes.push({ moment, afterMs })
    if (crashes.length === 1) await this.#armNextCrash(device)
  }

  #armNextCrash(device: number): Promise<void> {
    const [crash] = this.#seat(device).crashes
    if (crash === undefined) return Promise.resolve()
    const { moment, afterMs } = crash
    return this.#seat(device)
      .process.call('crash', moment, afterMs)
      .catch((error: unknown) => {
        if (!(error instanceof DeviceGoneError)) throw error
      })
  }

  goOffline(device: number): void {
    const seat = this.#seat(device)
    seat.isOnline = false
    seat.network.goOffline()
  }

  async goOnline(device: number): Promise<void> {
    const seat = this.#seat(device)
    seat.isOnline = true
    seat.network.goOnline()
    await this.#unlessKilled(device, (process) => process.call('resume'))
  }

  spoilUpload(device: number, fault: NetworkFault): void {
    this.#seat(device).network.spoilUpload(fault)
  }

  /** The device asks for its keys, and this is the answer. */
  askKeys(device: number, answer: KeyAnswer): Promise<void> {
    this.#seat(device).network.lieAboutKeys(answer)
    return this.#unlessKilled(device, (process) => process.call('askKeys'))
  }

  /** From here on as a client that takes the server at its word. */
  forgetOwed(device: number): Promise<void> {
    return this.#unlessKilled(device, (process) => process.call('forgetOwed'))
  }

  /**
   * Those who are online have sent everything and hold what the server holds. What a device says that
   * the server lost is sent again.
   */
  async meet(patienceMs: number): Promise<readonly string[]> {
    const present = [...this.#seats.keys()].filter((device) => this.#seat(device).isOnline)
    return this.#untilAgreed(present, patienceMs)
  }

  /** Everybody comes online, and nothing goes wrong any more. @returns why they do not agree. */
  async settle(patienceMs: number): Promise<readonly string[]> {
    for (const device of this.#seats.keys()) {
      await this.#seat(device).network.heal()
      await this.goOnline(device)
    }
    return this.#untilAgreed([...this.#seats.keys()], patienceMs)
  }

  /** For each device. */
  rows(): Promise<(readonly DumpedRow[])[]> {
    return this.#askAll((process) => process.call('rows'))
  }

  async edits(): Promise<Edit[]> {
    return (await this.#askAll((process) => process.call('edits'))).flat()
  }

  async kept(): Promise<Kept[]> {
    return (await this.#askAll((process) => process.call('kept'))).flat()
  }

  /** Rows that were sent again because the server had lost them. */
  async sentAgain(): Promise<number> {
    const counts = await this.#askAll((process) => process.call('sentAgain'))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  sizes(): Promise<DeviceSizes[]> {
    return this.#askAll((process) => process.call('sizes'))
  }

  async close(): Promise<void> {
    for (const { process, network, folder } of this.#seats) {
      await this.#options.processes.giveBack(process)
      await network.close()
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #untilAgreed(devices: readonly number[], patienceMs: number): Promise<readonly string[]> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const disagreements = await this.#disagreements(devices)
      if (disagreements.length === 0 || performance.now() > deadline) return disagreements
      await delay(lookAgainMs)
    }
  }

  async #disagreements(devices: readonly number[]): Promise<string[]> {
    const found: string[] = []
    for (const device of devices) {
      const state = await this.#ask(device, (process) => process.call('state'))
      if (state.owed > 0) await this.#unlessKilled(device, (process) => process.call('sendAgain'))
      if (!isQuiet(state)) found.push(`device ${device} is not done: ${JSON.stringify(state)}`)
    }
    if (found.length > 0) return found
    const expected = digest(await this.#options.household.readServerRows())
    for (const device of devices) {
      const rows = await this.#ask(device, (process) => process.call('rows'))
      if (digest(rows) !== expected) found.push(`device ${device} holds other rows than the server`)
    }
    return found
  }

  #askAll<T>(question: (process: DeviceProcess) => Promise<T>): Promise<T[]> {
    return Promise.all([...this.#seats.keys()].map((device) => this.#ask(device, question)))
  }

  /** Asks again where the device was killed meanwhile: only for what changes nothing. */
  async #ask<T>(device: number, question: (process: DeviceProcess) => Promise<T>): Promise<T> {
    for (;;) {
      await this.#revive(device)
      try {
        return await question(this.#seat(device).process)
      } catch (error) {
        if (!(error instanceof DeviceGoneError)) throw error
      }
    }
  }

  /** What a killed device was about to do, it has done or not: its own notes say which. */
  async #unlessKilled(
    device: number,
    work: (process: DeviceProcess) => Promise<void>,
  ): Promise<void> {
    await this.#revive(device)
    try {
      await work(this.#seat(device).process)
    } catch (error) {
      if (!(error instanceof DeviceGoneError)) throw error
    }
  }

  /** Opens a device that was killed from its files. */
  async #revive(device: number): Promise<void> {
    const seat = this.#seat(device)
    while (seat.process.isGone) {
      const signal = await seat.process.exited
      if (signal !== 'SIGKILL') {
        throw new Error(`device ${device} ended by itself (${signal}): ${seat.process.complaints}`)
      }
      const crash = seat.crashes.shift()
      if (crash !== undefined) this.#kills[crash.moment] += 1
      seat.process = this.#options.processes.take()
      await this.#openDevice(device)
      await this.#armNextCrash(device)
    }
  }

  async #openDevice(device: number): Promise<void> {
    const { origin, household, clockSkewsMs } = this.#options
    const { process, network, folder } = this.#seat(device)
    const member = household.members[device % 2 === 0 ? 0 : 1]
    await process.open({
      folder,
      baseUrl: network.url,
      origin,
      cookie: member.cookie,
      userId: member.userId,
      userKey: Buffer.from(member.userKey).toString('base64'),
      workspaceId: household.workspaceId,
      wrappedDataKeys: member.wrappedDataKeys,
      device,
      devices: clockSkewsMs.length,
      clockSkewMs: clockSkewsMs[device] ?? 0,
    })
  }

  #seat(device: number): Seat {
    const seat = this.#seats[device]
    if (seat === undefined) throw new Error(`there is no device ${device}`)
    return seat
  }
}

function isQuiet(state: DeviceState): boolean {
  const { queued, pendingSeal, pendingOpen, receipts, owed, faults } = state
  return queued + pendingSeal + pendingOpen + receipts + owed + faults.length === 0
}

/** The same for the same rows, whatever their order and their columns'. */
function digest(rows: readonly DumpedRow[]): string {
  const lines = rows.map(({ key, row, seal }) => {
    const cells = Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1))
    return JSON.stringify([key, seal, cells])
  })
  return lines.sort().join('\n')
}
