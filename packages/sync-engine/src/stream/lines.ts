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

/** What a data line says of itself; its operations are encoded apart from it. */
export interface DataHead {
  readonly bucket: string
  readonly after: string
  readonly has_more: boolean
  readonly next_after: string
}

/** What the server sends, one line (or BSON document) each, but for data. */
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
  | {
      readonly partial_checkpoint_complete: {
        readonly last_op_id: string
        readonly priority: number
      }
    }
  | { readonly checkpoint_complete: { readonly last_op_id: string } }
  | { readonly token_expires_in: number }

/** Turns lines into bytes in the form that a client asked for. */
export interface LineEncoder {
  encode(line: SyncLine): Buffer
  /** A piece of a data line; `index` operations of the line come before it. */
  encodeOps(ops: readonly BucketOp[], index: number): Buffer
  joinData(head: DataHead, pieces: readonly Buffer[]): Buffer
}

export const bsonContentType = 'application/vnd.powersync.bson-stream'
export const ndjsonContentType = 'application/x-ndjson'

/** A BSON document is its length, its elements and a zero: https://bsonspec.org/spec.html */
export const bsonEncoder: LineEncoder = {
  encode: (line) => Buffer.from(serialize(line)),
  encodeOps: (ops, index) =>
    elementsOf(Object.fromEntries(ops.map((op, position) => [index + position, op]))),
  joinData(head, pieces) {
    const ops = bsonDocument(pieces)
    const data = bsonDocument([elementsOf(head), bsonName(bsonTypes.array, 'data'), ...ops])
    return Buffer.concat(bsonDocument([bsonName(bsonTypes.document, 'data'), ...data]))
  },
}

const bsonTypes = { document: 3, array: 4 }

function elementsOf(document: object): Buffer {
  const bytes = serialize(document)
  return Buffer.from(bytes.buffer, bytes.byteOffset + 4, bytes.length - 5)
}

function bsonName(type: number, name: string): Buffer {
  return Buffer.from([type, ...Buffer.from(name), 0])
}

function bsonDocument(elements: readonly Buffer[]): Buffer[] {
  const length = Buffer.alloc(4)
  length.writeInt32LE(elements.reduce((sum, { length }) => sum + length, 5))
  return [length, ...elements, Buffer.alloc(1)]
}

export const ndjsonEncoder: LineEncoder = {
  encode: (line) => Buffer.from(`${JSON.stringify(line)}\n`),
  encodeOps: (ops, index) =>
    encodeOpTexts(
      ops.map((op) => JSON.stringify(op)),
      index,
    ),
  joinData: (head, pieces) =>
    Buffer.concat([
      Buffer.from(`{"data":${JSON.stringify(head).slice(0, -1)},"data":[`),
      ...pieces,
      Buffer.from(']}}\n'),
    ]),
}

/** For clients that did not ask for `raw_data`: a row's JSON lies in the line as it is. */
export const nestedNdjsonEncoder: LineEncoder = {
  ...ndjsonEncoder,
  encodeOps(ops, index) {
    const texts = ops.map(({ data, ...op }) => {
      return `${JSON.stringify(op).slice(0, -1)},"data":${data ?? 'null'}}`
    })
    return encodeOpTexts(texts, index)
  },
}

function encodeOpTexts(texts: readonly string[], index: number): Buffer {
  return Buffer.from(`${index > 0 ? ',' : ''}${texts.join(',')}`)
}
