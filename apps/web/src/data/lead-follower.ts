import { openLeadChannel, type ResumeReason } from './lead-channel.ts'
import type { LinkStatus } from './link-status.ts'

/** What this tab hears of the one that routes and syncs, be it itself. */
export interface LeadFollower {
  /** Null until a leader has told. */
  readonly status: LinkStatus | null
  /** Nobody has answered for long: nothing is sealed, sent or opened. */
  readonly isSilent: boolean
  readonly subscribe: (listener: () => void) => () => void
  /** Tells the leader to connect now. */
  resume(reason: ResumeReason): void
  stop(): void
}

const askMs = 3_000
/** Some 15 seconds: a leader that begins needs a moment, and one that is gone is taken over from. */
const mostUnanswered = 4

export function followLead(fileName: string): LeadFollower {
  const listeners = new Set<() => void>()
  let status: LinkStatus | null = null
  let unanswered = 0
  const isSilent = () => unanswered > mostUnanswered
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  const channel = openLeadChannel(fileName, {
    onLead: (told) => {
      // Who has the lock and not yet the database may be stuck as well.
      if (told === null) return
      unanswered = 0
      status = told
      tell()
    },
  })
  const ask = () => {
    unanswered += 1
    channel.ask()
    if (isSilent()) tell()
  }
  const timer = setInterval(ask, askMs)
  ask()
  return {
    get status() {
      return status
    },
    get isSilent() {
      return isSilent()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    resume: (reason) => channel.resume(reason),
    stop() {
      clearInterval(timer)
      channel.close()
      listeners.clear()
    },
  }
}
