/** Reads are kept for others while they are together at most this large... */
const maxBytes = 8 * 1024 * 1024
/** ...and so many. */
const maxReads = 64

interface SharedRead<T> {
  readonly result: Promise<T>
  bytes: number
}

/** Lets clients at the same position share one query; a crowd that catches up reads once. */
export class SharedReads<T> {
  readonly #reads = new Map<string, SharedRead<T>>()
  readonly #size: (result: T) => number
  #bytes = 0

  constructor(size: (result: T) => number) {
    this.#size = size
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#reads.get(key)
    if (known) return known.result
    const entry: SharedRead<T> = { result: read(), bytes: 0 }
    this.#reads.set(key, entry)
    entry.result.then(
      (result) => this.#weigh(key, entry, this.#size(result)),
      () => this.#remove(key, entry),
    )
    this.#trim()
    return entry.result
  }

  #weigh(key: string, entry: SharedRead<T>, bytes: number): void {
    if (this.#reads.get(key) !== entry) return // trimmed meanwhile
    entry.bytes = bytes
    this.#bytes += bytes
    this.#trim()
  }

  #trim(): void {
    for (const [key, entry] of this.#reads) {
      if (this.#reads.size <= maxReads && this.#bytes <= maxBytes) return
      this.#remove(key, entry)
    }
  }

  #remove(key: string, entry: SharedRead<T>): void {
    if (this.#reads.get(key) !== entry) return
    this.#reads.delete(key)
    this.#bytes -= entry.bytes
  }
}
