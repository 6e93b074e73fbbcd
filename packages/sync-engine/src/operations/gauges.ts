import { type Lsn, parseLsn } from '../replication/lsn.ts'
import type { StoreReader } from '../store/reader.ts'
import type { Gauge } from './metrics.ts'

/** What is asked of the running engine. */
export interface GaugeSources {
  readonly slotName: string
  readonly reader: StoreReader
  readonly hub: { readonly lsn: Lsn; readonly lagMs: number }
}

/** The gauges of `GET /metrics`; null: the engine does not serve now. */
export async function readGauges(
  connections: number,
  engine: GaugeSources | null,
): Promise<Gauge[]> {
  const gauges = [
    gauge('ready', 'Is the engine up to date with the log and serving?', engine ? 1 : 0),
    gauge('connections', 'Client streams now.', connections),
    gauge('resident_bytes', 'Resident memory of the process.', process.memoryUsage.rss()),
  ]
  if (!engine) return gauges
  const { head, retained, ops } = await engine.reader.sourceSizes(engine.slotName)
  return [
    ...gauges,
    gauge(
      'replication_lag_bytes',
      'Log that Postgres has written and clients cannot see yet.',
      Math.max(0, Number(parseLsn(head) - engine.hub.lsn)),
    ),
    gauge(
      'replication_lag_seconds',
      'Age of the transaction being applied; when none is, 0.',
      engine.hub.lagMs / 1000,
    ),
    gauge(
      'slot_retained_bytes',
      'Log that Postgres keeps for the replication slot.',
      retained === null ? null : Number(retained),
    ),
    gauge('store_bytes', 'Size of the stored bucket operations.', Number(ops)),
  ]
}

function gauge(name: string, help: string, value: number | null): Gauge {
  return { name: `sealbook_sync_${name}`, help, value }
}
