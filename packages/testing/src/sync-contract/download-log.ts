/** What of the sync protocol's lines the log reads. */
interface Lines {
  readonly checkpoint?: { readonly buckets: readonly { readonly bucket: string }[] }
  readonly checkpoint_diff?: { readonly removed_buckets: readonly string[] }
  readonly data?: { readonly bucket: string; readonly data: readonly { readonly op_id: string }[] }
}

/**
 * What one client was sent over all its connections, and whether any of it was sent in vain.
 * A client has what it said it has in its last request, and what this connection sent it.
 */
export class DownloadLog {
  /** Operations sent. */
  ops = 0
  /** Operations sent although the client had them. */
  repeatedOps = 0
  /** Times that a client lost a bucket it had and may still see. */
  restarts = 0
  connections = 0
  /** `1` of `1#name[...]`: another one means that everything is downloaded anew. */
  readonly generations = new Set<string>()
  /** By bucket, the last operation that the client itself has said it has. */
  readonly #reported = new Map<string, bigint>()
  /** The same, counting what was sent since. */
  readonly #sent = new Map<string, bigint>()

  request(buckets: readonly { readonly name: string; readonly after: string }[]): void {
    this.connections += 1
    const now = new Map(buckets.map(({ name, after }) => [name, BigInt(after)]))
    for (const [name, before] of this.#reported) {
      if ((now.get(name) ?? 0n) < before) this.restarts += 1
    }
    this.#reported.clear()
    this.#sent.clear()
    for (const [name, after] of now) {
      this.#reported.set(name, after)
      this.#sent.set(name, after)
    }
  }

  line(line: Lines): void {
    if (line.checkpoint) {
      const visible = new Set(line.checkpoint.buckets.map(({ bucket }) => bucket))
      for (const name of visible) this.generations.add(name.slice(0, name.indexOf('#')))
      for (const name of this.#sent.keys()) if (!visible.has(name)) this.#forget(name)
    }
    for (const name of line.checkpoint_diff?.removed_buckets ?? []) this.#forget(name)
    if (line.data) this.#data(line.data)
  }

  #data({ bucket, data }: NonNullable<Lines['data']>): void {
    for (const { op_id } of data) {
      const id = BigInt(op_id)
      if (id <= (this.#sent.get(bucket) ?? 0n)) this.repeatedOps += 1
      else this.#sent.set(bucket, id)
    }
    this.ops += data.length
  }

  #forget(bucket: string): void {
    this.#reported.delete(bucket)
    this.#sent.delete(bucket)
  }
}
