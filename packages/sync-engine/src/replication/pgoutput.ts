import type { Lsn } from './lsn.ts'

/** One column's text as Postgres prints it; `undefined` is a TOASTed value that did not change. */
export type TupleValue = string | null | undefined
export type Tuple = readonly TupleValue[]

export interface RelationColumn {
  readonly name: string
  readonly typeOid: number
  readonly isKey: boolean
}

export interface RelationMessage {
  readonly kind: 'relation'
  readonly relationId: number
  readonly schema: string
  readonly name: string
  readonly replicaIdentity: string
  readonly columns: readonly RelationColumn[]
}

export type PgoutputMessage =
  | RelationMessage
  | { readonly kind: 'begin'; readonly finalLsn: Lsn; readonly committedAt: bigint }
  | { readonly kind: 'commit'; readonly commitLsn: Lsn; readonly endLsn: Lsn }
  | { readonly kind: 'insert'; readonly relationId: number; readonly after: Tuple }
  | {
      readonly kind: 'update'
      readonly relationId: number
      /** The old key or the old row; absent when the key did not change. */
      readonly before: Tuple | null
      readonly after: Tuple
    }
  | { readonly kind: 'delete'; readonly relationId: number; readonly before: Tuple }
  | { readonly kind: 'truncate'; readonly relationIds: readonly number[] }
  | { readonly kind: 'message'; readonly lsn: Lsn; readonly prefix: string }
  | { readonly kind: 'ignored' }

/**
 * Decodes one pgoutput message, protocol version 1.
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export function decodePgoutput(bytes: Buffer): PgoutputMessage {
  const reader = new Reader(bytes)
  const tag = reader.char()
  switch (tag) {
    case 'B':
      return { kind: 'begin', finalLsn: reader.uint64(), committedAt: reader.timestamp() }
    case 'C':
      reader.skip(1)
      return { kind: 'commit', commitLsn: reader.uint64(), endLsn: reader.uint64() }
    case 'R':
      return decodeRelation(reader)
    case 'I': {
      const relationId = reader.uint32()
      reader.skip(1)
      return { kind: 'insert', relationId, after: decodeTuple(reader) }
    }
    case 'U':
      return decodeUpdate(reader)
    case 'D': {
      const relationId = reader.uint32()
      reader.skip(1)
      return { kind: 'delete', relationId, before: decodeTuple(reader) }
    }
    case 'T':
      return decodeTruncate(reader)
    case 'M': {
      reader.skip(1)
      return { kind: 'message', lsn: reader.uint64(), prefix: reader.string() }
    }
    case 'O': // origin
    case 'Y': // type
      return { kind: 'ignored' }
    default:
      throw new Error(`Unknown pgoutput message ${JSON.stringify(tag)}`)
  }
}

function decodeRelation(reader: Reader): RelationMessage {
  const relationId = reader.uint32()
  const schema = reader.string()
  const name = reader.string()
  const replicaIdentity = reader.char()
  const columns = Array.from({ length: reader.uint16() }, () => {
    const isKey = (reader.uint8() & 1) !== 0
    const columnName = reader.string()
    const typeOid = reader.uint32()
    reader.skip(4) // type modifier
    return { name: columnName, typeOid, isKey }
  })
  return { kind: 'relation', relationId, schema, name, replicaIdentity, columns }
}

function decodeUpdate(reader: Reader): PgoutputMessage {
  const relationId = reader.uint32()
  const tag = reader.char()
  if (tag === 'N') return { kind: 'update', relationId, before: null, after: decodeTuple(reader) }
  const before = decodeTuple(reader) // 'K': old key, 'O': old row
  reader.skip(1)
  return { kind: 'update', relationId, before, after: decodeTuple(reader) }
}

function decodeTruncate(reader: Reader): PgoutputMessage {
  const count = reader.uint32()
  reader.skip(1) // CASCADE and RESTART IDENTITY say nothing about rows
  return { kind: 'truncate', relationIds: Array.from({ length: count }, () => reader.uint32()) }
}

function decodeTuple(reader: Reader): Tuple {
  const values: TupleValue[] = new Array<TupleValue>(reader.uint16())
  for (let index = 0; index < values.length; index++) {
    const tag = reader.char()
    if (tag === 't') values[index] = reader.text(reader.uint32())
    else if (tag === 'n') values[index] = null
    else if (tag === 'u') values[index] = undefined
    else throw new Error(`Unknown pgoutput column ${JSON.stringify(tag)}`)
  }
  return values
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  skip(count: number): void {
    this.#at += count
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#at++)
  }

  uint16(): number {
    const value = this.#bytes.readUInt16BE(this.#at)
    this.#at += 2
    return value
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  uint64(): bigint {
    const value = this.#bytes.readBigUInt64BE(this.#at)
    this.#at += 8
    return value
  }

  /** Microseconds since 2000 on the wire, milliseconds since 1970 here. */
  /** Microseconds since 1970. */
  timestamp(): bigint {
    return this.uint64() + BigInt(Date.UTC(2000, 0, 1)) * 1000n
  }

  char(): string {
    return String.fromCharCode(this.uint8())
  }

  text(length: number): string {
    const value = this.#bytes.toString('utf8', this.#at, this.#at + length)
    this.#at += length
    return value
  }

  string(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    const value = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return value
  }
}
