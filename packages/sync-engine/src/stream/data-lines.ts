import type { StoreReader } from '../store/reader.ts'
import type { Bucket } from '../store/bucket-cache.ts'
import type { LineSize } from './line-size.ts'
import type { LineEncoder } from './lines.ts'

/** A data line that is ready to be sent. */
export interface DataLine {
  readonly bytes: Buffer
  readonly operations: number
  readonly lastOpId: bigint
  readonly hasMore: boolean
  /** Of the line size's, to be given back. */
  readonly allowance: number
}

/**
 * The data lines that bring a client from one position in a bucket to another. Each is put together
 * while the one before it is sent.
 */
export async function* dataLines(
  { reader, encoder, size }: { reader: StoreReader; encoder: LineEncoder; size: LineSize },
  bucket: Bucket,
  position: bigint,
): AsyncGenerator<DataLine> {
  const prepare = async (after: bigint): Promise<DataLine | null> => {
    const allowance = size.take()
    const pieces: Buffer[] = []
    let [operations, bytes, lastOpId] = [0, 0, after]
    let hasMore: boolean
    const read = () => reader.readOps(bucket.id, lastOpId, bucket.lastOpId)
    let next = read()
    do {
      const ops = await next
      const last = ops.at(-1)
      if (last) lastOpId = BigInt(last.op_id)
      hasMore = last !== undefined && lastOpId < bucket.lastOpId
      // While these are encoded; when the line is full, the next one finds it among the shared reads.
      if (hasMore) next = read()
      next.catch(() => undefined) // awaited in the next round, if there is one
      const piece = encoder.encodeOps(ops, operations)
      pieces.push(piece)
      operations += ops.length
      bytes += piece.length
    } while (hasMore && bytes < allowance)
    if (operations === 0) return null
    const head = {
      bucket: bucket.name,
      after: String(after),
      has_more: hasMore,
      next_after: String(lastOpId),
    }
    return { bytes: encoder.joinData(head, pieces), operations, lastOpId, hasMore, allowance }
  }

  let next: Promise<DataLine | null> | null = prepare(position)
  while (next) {
    const line: DataLine | null = await next
    if (!line) return
    next = line.hasMore ? prepare(line.lastOpId) : null
    next?.catch(() => undefined) // awaited in the next round, unless the client goes first
    yield line
  }
}
