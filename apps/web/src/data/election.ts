/** The part of `navigator.locks` that an election uses. */
export type ElectionLocks = Pick<LockManager, 'request'>

export interface ElectionInput {
  readonly name: string
  readonly locks: ElectionLocks
  /** Asks whoever leads to say so, which ends up in `Candidate.noteLeader`. */
  readonly ask: () => void
  /**
   * Leads until `signal` aborts or the work ends by itself. Resolves once nothing of it runs:
   * `replaced` by another leader, or `done` for good.
   */
  readonly lead: (signal: AbortSignal) => Promise<'done' | 'replaced'>
  /** Withdraws the candidate, and ends its lead. */
  readonly signal: AbortSignal
}

/** One of the browser's tabs, which waits for its turn. */
export interface Candidate {
  /** A leader was heard: it lives. */
  noteLeader(): void
  /** A person does not want to wait: leads now, whoever holds the lock. */
  takeOver(): void
  /** Resolves when the candidate was withdrawn or its work ended by itself. */
  readonly ended: Promise<void>
}

/** How often a leader is asked for a sign of life. */
const askMs = 2_000
/**
 * So many questions without an answer, and it is gone: its page was put aside, killed or, in
 * WebKit, reloaded. They are counted in the candidate's own turns, so that a device that slept does
 * not take everybody for dead. A leader that is merely busy answers between two turns of its loop.
 */
const mostUnanswered = 4

/**
 * Elects one leader in a browser by a Web Lock, which goes to the next one when its holder goes.
 * From a holder that does not answer it is taken. Such a holder may wake up: it then hears that its
 * lock was stolen, and what it does until then is stopped by its generation in the database.
 */
export function stand(input: ElectionInput): Candidate {
  const { name, locks, signal } = input
  let unanswered = 0
  let isLeading = false
  let endWait = () => {}

  return {
    noteLeader: () => {
      unanswered = 0
    },
    takeOver: () => {
      if (!isLeading) endWait()
    },
    ended: run(),
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      unanswered = 0
      const waiting = new AbortController()
      endWait = () => waiting.abort()
      const timer = setInterval(check, askMs)
      signal.addEventListener('abort', endWait)
      check()
      let outcome = await request({ signal: waiting.signal })
      clearInterval(timer)
      signal.removeEventListener('abort', endWait)
      if (outcome === 'not-elected' && !signal.aborted) outcome = await request({ steal: true })
      if (outcome === 'done') return
    }
  }

  async function request(options: LockOptions): Promise<'done' | 'replaced' | 'not-elected'> {
    const term = new AbortController()
    const endTerm = () => term.abort()
    const work: { leading?: Promise<'done' | 'replaced'> } = {}
    try {
      return await locks.request(name, options, () => {
        signal.addEventListener('abort', endTerm)
        if (signal.aborted) endTerm()
        isLeading = true
        work.leading = input.lead(term.signal)
        return work.leading
      })
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
      if (work.leading === undefined) return 'not-elected'
      // Somebody stole the lock.
      endTerm()
      await work.leading
      return 'replaced'
    } finally {
      isLeading = false
      signal.removeEventListener('abort', endTerm)
    }
  }

  function check(): void {
    if (isLeading) return
    if (unanswered >= mostUnanswered) endWait()
    unanswered += 1
    input.ask()
  }
}
