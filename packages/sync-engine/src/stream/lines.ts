import { serialize } from 'bson'
import type { BucketOp } from '../store/reader.ts'
import type { StreamDescription, VisibleBucket } from './access.ts'

/** A bucket in a checkpoint line. */
export interface CheckpointBucket {
  readonly bucket: string
  readonly checksum: number
  readonly count: number
  readonly priority: number
  readonly subscriptions: VisibleBucket['subscriptions']
}

export interface DataLine {
  readonly data: {
    readonly bucket: string
    readonly after: string
    readonly has_more: boolean
    readonly next_after: string
    readonly data: readonly BucketOp[]
  }
}

/** What the server sends, one line (or BSON document) each. */
export type SyncLine =
  | {
      readonly checkpoint: {
        readonly last_op_id: string
        readonly write_checkpoint: string
        readonly buckets: readonly CheckpointBucket[]
        readonly streams: readonly StreamDescription[]
      }
    }
  | {
      readonly checkpoint_diff: {
        readonly last_op_id: string
        readonly write_checkpoint: string
        readonly updated_buckets: readonly CheckpointBucket[]
        readonly removed_buckets: readonly string[]
      }
    }
  | DataLine
  | {
      readonly partial_checkpoint_complete: {
        readonly last_op_id: string
        readonly priority: number
      }
    }
  | { readonly checkpoint_complete: { readonly last_op_id: string } }
  | { readonly token_expires_in: number }

export type LineEncoder = (line: SyncLine) => Buffer

export const bsonContentType = 'application/vnd.powersync.bson-stream'
export const ndjsonContentType = 'application/x-ndjson'

export function encodeBson(line: SyncLine): Buffer {
  return Buffer.from(serialize(line))
}

export function encodeNdjson(line: SyncLine): Buffer {
  return Buffer.from(`${JSON.stringify(line)}\n`)
}

/** For clients that did not ask for `raw_data`: a row's JSON lies in the line as it is. */
export function encodeNestedNdjson(line: SyncLine): Buffer {
  if (!('data' in line)) return encodeNdjson(line)
  const { data: ops, ...rest } = line.data
  const encoded = ops.map(({ data, ...op }) => {
    return `${JSON.stringify(op).slice(0, -1)},"data":${data ?? 'null'}}`
  })
  const head = JSON.stringify(rest).slice(0, -1)
  return Buffer.from(`{"data":${head},"data":[${encoded.join(',')}]}}\n`)
}
