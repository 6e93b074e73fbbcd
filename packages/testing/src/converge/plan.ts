import { seededRandom } from '../browser/seeded-random.ts'
import { keyAnswers, type KeyAnswer } from './key-answers.ts'

/** What the network does to the next upload of a device. */
export const uploadFaults = [
  'lose-request',
  'lose-answer',
  'send-twice',
  /** The device is told nothing and asks again; the first request arrives after later ones. */
  'deliver-late',
  /** The answer comes after the device has gone on. */
  'answer-late',
] as const
export type UploadFault = (typeof uploadFaults)[number]

/** At the beginning of which work a device's process is killed. */
export const crashMoments = ['upload', 'route', 'now'] as const
export type CrashMoment = (typeof crashMoments)[number]

export type Step =
  | { readonly do: 'edit'; readonly device: number; readonly chance: number }
  | { readonly do: 'decide'; readonly device: number; readonly chance: number }
  | { readonly do: 'go-offline' | 'go-online'; readonly device: number }
  | { readonly do: 'spoil-upload'; readonly device: number; readonly fault: UploadFault }
  | {
      readonly do: 'crash'
      readonly device: number
      readonly moment: CrashMoment
      readonly afterMs: number
    }
  | { readonly do: 'kill-server'; readonly afterMs: number }
  /** The next upload of the device is answered "applied", and thrown away. */
  | { readonly do: 'swallow-upload'; readonly device: number }
  /** The device asks for its keys, and is told this. */
  | { readonly do: 'ask-keys'; readonly device: number; readonly answer: KeyAnswer }
  /** The server's data folder is copied, or the copy put back: what came in between is lost. */
  | { readonly do: 'copy-server' | 'restore-server' }
  /** Everybody who is online has everything. */
  | { readonly do: 'meet' }

/** Everything that happens in one run, so that a seed repeats it and a failing one can be kept. */
export interface Plan {
  readonly seed: number
  /** One clock a device, in milliseconds before or behind the true time. */
  readonly clockSkewsMs: readonly number[]
  readonly steps: readonly Step[]
}

export interface PlanSize {
  readonly devices: number
  readonly operations: number
  /** How often each of these is killed: a device in an upload, one in routing, the server. */
  readonly kills: number
  /** How often the server swallows an upload, and lies about keys. */
  readonly lies: number
  /** How often it loses its last seconds, to an older copy of its data folder. */
  readonly restores: number
}

const dayMs = 86_400_000
/** Rows that everybody knows before the disagreements begin. */
const sharedEdits = 10

export function makePlan(seed: number, size: PlanSize): Plan {
  const { devices, operations, kills } = size
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const edit = (device: number): Step => ({ do: 'edit', device, chance: below(2 ** 31) })
  const steps: Step[] = []
  const killsAt = Array.from({ length: kills * 3 }, (_, n) => ({ at: below(operations), n }))
  for (let n = 0; n < operations; n++) {
    const device = below(devices)
    steps.push(pick(device))
    for (const kill of killsAt) if (kill.at === n) steps.push(makeKill(kill.n))
  }
  const shared = Array.from({ length: sharedEdits }, () => edit(0))
  return {
    seed,
    clockSkewsMs: Array.from({ length: devices }, () => Math.round((random() * 2 - 1) * dayMs)),
    steps: [...shared, { do: 'meet' }, ...withLies(seed, steps, size)],
  }

  function pick(device: number): Step {
    const chance = random()
    if (chance < 0.72) return edit(device)
    if (chance < 0.79) return { do: 'go-offline', device }
    if (chance < 0.87) return { do: 'go-online', device }
    if (chance < 0.95) {
      const fault = uploadFaults[below(uploadFaults.length)] ?? 'lose-answer'
      return { do: 'spoil-upload', device, fault }
    }
    if (chance < 0.98) return { do: 'decide', device, chance: below(2 ** 31) }
    return { do: 'meet' }
  }

  /** In turn, so that each kind is killed equally often. */
  function makeKill(n: number): Step {
    const afterMs = Math.round(random() ** 2 * 40)
    if (n % 3 === 2) return { do: 'kill-server', afterMs }
    const moment = random() < 0.2 ? 'now' : n % 3 === 0 ? 'upload' : 'route'
    return { do: 'crash', device: below(devices), moment, afterMs }
  }
}

/**
 * Lies are drawn by themselves and put between the other steps, so that a seed still means the steps
 * that it meant before there were lies.
 */
function withLies(
  seed: number,
  honest: readonly Step[],
  { devices, lies, restores }: PlanSize,
): Step[] {
  const random = seededRandom(seed ^ 0x6c696172)
  const steps = [...honest]
  const below = (limit: number) => Math.floor(random() * limit)
  const insert = (from: number, step: Step): number => {
    const at = from + below(steps.length - from + 1)
    steps.splice(at, 0, step)
    return at + 1
  }
  for (let n = 0; n < lies; n++) {
    insert(0, { do: 'swallow-upload', device: below(devices) })
    const answer = keyAnswers[below(keyAnswers.length)] ?? 'empty'
    insert(0, { do: 'ask-keys', device: below(devices), answer })
  }
  for (let n = 0; n < restores; n++) {
    insert(insert(0, { do: 'copy-server' }), { do: 'restore-server' })
  }
  return steps
}

/** The same without some of its steps or devices; whoever is gone takes no part. */
export function withoutSteps(plan: Plan, gone: ReadonlySet<number>): Plan {
  return { ...plan, steps: plan.steps.filter((_, index) => !gone.has(index)) }
}

export function withoutDevice(plan: Plan, gone: number): Plan {
  return {
    ...plan,
    clockSkewsMs: plan.clockSkewsMs.filter((_, device) => device !== gone),
    steps: plan.steps.flatMap((step): Step[] => {
      if (!('device' in step)) return [step]
      if (step.device === gone) return []
      return [{ ...step, device: step.device > gone ? step.device - 1 : step.device }]
    }),
  }
}
