/** What of the sync protocol's lines the log reads. */
interface Lines {
  readonly checkpoint?: { readonly buckets: readonly { readonly bucket: string }[] }
  readonly checkpoint_diff?: { readonly removed_buckets: readonly string[] }
  readonly data?: { readonly bucket: string; readonly data: readonly { readonly op_id: string }[] }
}

/**
 * What one client was sent over all its connections, and whether any of it was sent in vain.
 * An operation is known to be had once the client itself has said so in a later request.
 */
export class DownloadLog {
  /** Operations sent. */
  ops = 0
  /** Operations sent although the client had said that it had them. */
  repeatedOps = 0
  /** Times that a client lost a bucket it had and may still see. */
  restarts = 0
  connections = 0
  readonly #held = new Map<string, bigint>()
  /** `1` of `1#name[...]`: another one means that everything is downloaded anew. */
  readonly generations = new Set<string>()

  request(buckets: readonly { readonly name: string; readonly after: string }[]): void {
    this.connections += 1
    const now = new Map(buckets.map(({ name, after }) => [name, BigInt(after)]))
    for (const [name, before] of this.#held) {
      if ((now.get(name) ?? 0n) < before) this.restarts += 1
    }
    this.#held.clear()
    for (const [name, after] of now) this.#held.set(name, after)
  }

  line(line: Lines): void {
    if (line.checkpoint) {
      const visible = new Set(line.checkpoint.buckets.map(({ bucket }) => bucket))
      for (const name of visible) this.generations.add(name.slice(0, name.indexOf('#')))
      for (const name of this.#held.keys()) if (!visible.has(name)) this.#held.delete(name)
    }
    for (const name of line.checkpoint_diff?.removed_buckets ?? []) this.#held.delete(name)
    if (!line.data) return
    const { bucket, data } = line.data
    const held = this.#held.get(bucket) ?? 0n
    this.ops += data.length
    this.repeatedOps += data.filter(({ op_id }) => BigInt(op_id) <= held).length
  }
}
