import { deserialize } from 'bson'

/** A line of a sync stream with the bytes that carried it. */
export interface Frame {
  readonly bytes: Buffer
  readonly line: Readonly<Record<string, unknown>>
}

/** Cuts a sync stream into its lines: BSON documents, or JSON with a line end. */
export class FrameReader {
  readonly #isBson: boolean
  #rest: Buffer = Buffer.alloc(0)

  constructor(contentType: string) {
    this.#isBson = contentType.includes('bson')
  }

  push(chunk: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    for (let length = this.#nextLength(); length > 0; length = this.#nextLength()) {
      const bytes = this.#rest.subarray(0, length)
      this.#rest = this.#rest.subarray(length)
      frames.push({ bytes, line: this.#parse(bytes) })
    }
    return frames
  }

  #nextLength(): number {
    if (!this.#isBson) return this.#rest.indexOf(10) + 1
    if (this.#rest.length < 4) return 0
    const length = this.#rest.readInt32LE(0)
    return this.#rest.length >= length ? length : 0
  }

  #parse(bytes: Buffer): Record<string, unknown> {
    return this.#isBson
      ? deserialize(bytes)
      : (JSON.parse(bytes.toString('utf8')) as Record<string, unknown>)
  }
}
