/** What the engine counts from its start on; each has one line in `GET /metrics`. */
export const counterNames = {
  connectionsTotal: ['sealbook_sync_connections_total', 'Client streams begun.'],
  connectionsRefused: [
    'sealbook_sync_connections_refused_total',
    'Client streams refused because there were too many.',
  ],
  operationsSent: ['sealbook_sync_operations_sent_total', 'Bucket operations sent to clients.'],
  bytesSent: ['sealbook_sync_bytes_sent_total', 'Bytes sent to clients, before compression.'],
  changesApplied: ['sealbook_sync_changes_applied_total', 'Row changes read from the log.'],
  commits: ['sealbook_sync_commits_total', 'Commits of the store that clients were told of.'],
  snapshots: ['sealbook_sync_snapshots_total', 'Snapshots taken: every client downloads anew.'],
  failures: ['sealbook_sync_failures_total', 'Times that replication failed and began again.'],
  movedOps: ['sealbook_sync_compaction_moved_total', 'Superseded operations turned into MOVE.'],
  clearedOps: ['sealbook_sync_compaction_cleared_total', 'Operations that a CLEAR replaced.'],
  repeatedOps: ['sealbook_sync_compaction_repeated_total', 'Old rows put anew by compaction.'],
} as const

export type CounterName = keyof typeof counterNames

/** A value read at the moment of the question; null is left out of the answer. */
export interface Gauge {
  readonly name: string
  readonly help: string
  readonly value: number | null
}

/** The engine's counters, and all of it in Prometheus' text format. */
export class Metrics {
  readonly #counts = new Map<CounterName, number>()

  add(name: CounterName, count = 1): void {
    this.#counts.set(name, this.get(name) + count)
  }

  get(name: CounterName): number {
    return this.#counts.get(name) ?? 0
  }

  /** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
  render(gauges: readonly Gauge[]): string {
    const counters = (Object.keys(counterNames) as CounterName[]).map((key) => {
      const [name, help] = counterNames[key]
      return describe('counter', name, help, this.get(key))
    })
    const present = gauges.flatMap(({ name, help, value }) =>
      value === null ? [] : [describe('gauge', name, help, value)],
    )
    return [...counters, ...present].join('')
  }
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

function describe(type: string, name: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`
}
