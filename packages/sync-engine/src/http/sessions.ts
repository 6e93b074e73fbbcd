/** Who is signed in; the engine serves nobody else, whatever a token says. */
export interface SessionSource {
  /** Those of these sessions that are signed in. */
  signedIn(ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Calls back with a session that ended; null: any may have ended unheard. */
  watch(onEnded: (id: string | null) => void): void
}

interface Visit {
  readonly sessionId: string
  readonly ended: AbortController
}

/** The requests being served, by the session that asked: they end with it. */
export class SessionVisits {
  readonly #source: SessionSource
  readonly #visits = new Map<string, Set<Visit>>()

  constructor(source: SessionSource) {
    this.#source = source
    source.watch((id) => {
      if (id === null) void this.#checkAll()
      else this.#end(id)
    })
  }

  /**
   * Null when the session is not signed in. `ended` is aborted when it ends; `leave` is to be called
   * when the request was served.
   */
  async enter(sessionId: string): Promise<{ ended: AbortSignal; leave: () => void } | null> {
    const visit: Visit = { sessionId, ended: new AbortController() }
    const visits = this.#visits.get(sessionId) ?? new Set()
    this.#visits.set(sessionId, visits.add(visit))
    const leave = () => {
      visits.delete(visit)
      if (visits.size === 0 && this.#visits.get(sessionId) === visits) {
        this.#visits.delete(sessionId)
      }
    }
    try {
      // Asked after it is listed: what ends in between is heard.
      const signedIn = await this.#source.signedIn([sessionId])
      if (signedIn.has(sessionId)) return { ended: visit.ended.signal, leave }
    } catch (error) {
      leave()
      throw error
    }
    leave()
    return null
  }

  #end(sessionId: string): void {
    for (const { ended } of this.#visits.get(sessionId) ?? []) ended.abort()
  }

  /** When the source cannot be asked it will call back again. */
  async #checkAll(): Promise<void> {
    const ids = [...this.#visits.keys()]
    if (ids.length === 0) return
    const signedIn = await this.#source.signedIn(ids).catch(() => new Set(ids))
    for (const id of ids) if (!signedIn.has(id)) this.#end(id)
  }
}
