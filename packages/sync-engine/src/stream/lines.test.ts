import { deserialize } from 'bson'
import { describe, expect, it } from 'vitest'
import type { BucketOp } from '../store/reader.ts'
import { bsonEncoder, type LineEncoder, ndjsonEncoder, nestedNdjsonEncoder } from './lines.ts'

const ops: BucketOp[] = [
  {
    op_id: '1',
    op: 'PUT',
    object_type: 'notes',
    object_id: 'a',
    subkey: '1',
    checksum: 4_000_000_000,
    data: '{"title":"ž 😀"}',
  },
  ...Array.from({ length: 12 }, (_, n) => ({
    op_id: `${n + 2}`,
    op: 'MOVE',
    checksum: n,
    data: null,
  })),
]
const head = { bucket: '1#notes["ž"]', after: '0', has_more: false, next_after: '13' }

function join(encoder: LineEncoder): Buffer {
  const pieces = [encoder.encodeOps(ops.slice(0, 1), 0), encoder.encodeOps(ops.slice(1), 1)]
  return encoder.joinData(head, pieces)
}

describe('a data line joined of pieces is the one line', () => {
  it('as BSON', () => {
    const bytes = join(bsonEncoder)
    expect(bytes.readInt32LE(0)).toBe(bytes.length)
    expect(deserialize(bytes)).toEqual({ data: { ...head, data: ops } })
  })

  it('as JSON', () => {
    const text = join(ndjsonEncoder).toString()
    expect(text.endsWith('}\n')).toBe(true)
    expect(JSON.parse(text)).toEqual({ data: { ...head, data: ops } })
  })

  it('as JSON with rows in it', () => {
    const line = JSON.parse(join(nestedNdjsonEncoder).toString()) as unknown
    const nested = [{ ...ops[0], data: { title: 'ž 😀' } }, ...ops.slice(1)]
    expect(line).toEqual({ data: { ...head, data: nested } })
  })
})
