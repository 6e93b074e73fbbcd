import { readText, readUint32, writeSafeInteger, writeText, writeUint32 } from './bytes.ts'
import { paddedLength } from './padding.ts'
import { failure, success, type Result } from './result.ts'

/** What a sealed column holds. A null opens as any type. */
export type FieldType = 'integer' | 'text' | 'decimal'
/** `integer` is a bigint from -2^63 to 2^63 - 1; `text` and `decimal` are strings. */
export type FieldValue = null | bigint | string

/** Why an authentic plaintext is no value of the type asked for: the writer had a bug. */
export type ValueError = { readonly kind: 'wrong-type' } | { readonly kind: 'malformed-plaintext' }

const nullTag = 0
const integerTag = 1
const decimalTag = 2
const textTag = 3
const endMark = 0x80
const integerBytes = 8
const decimalPattern = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/

/** Most bytes that `writeValue` can need, the end mark and the padding included. */
export function valueCapacity(value: FieldValue): number {
  return paddedLength(typeof value === 'string' ? value.length * 3 + 2 : integerBytes + 2)
}

/**
 * Writes tag, payload, end mark and zeros at `offset`, where there is room for `valueCapacity`.
 * @returns the padded length.
 * @throws on a value that the type cannot hold: a caller's bug.
 */
export function writeValue(
  bytes: Uint8Array,
  offset: number,
  type: FieldType,
  value: FieldValue,
): number {
  const payload = offset + 1
  const end = payload + writePayload(bytes, payload, type, value)
  bytes[offset] = value === null ? nullTag : tagOf(type)
  bytes[end] = endMark
  const length = paddedLength(end + 1 - offset)
  for (let i = end + 1; i < offset + length; i++) bytes[i] = 0
  return length
}

/** The value between `start` and `end`, padding included. */
export function readValue(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: FieldType,
): Result<FieldValue, ValueError> {
  let mark = end - 1
  while (mark > start && bytes[mark] === 0) mark--
  if (bytes[mark] !== endMark || paddedLength(mark + 1 - start) !== end - start) return malformed
  const payload = start + 1
  const tag = bytes[start]
  if (tag === nullTag) return payload === mark ? success(null) : malformed
  if (tag !== tagOf(type)) return failure({ kind: 'wrong-type' })
  if (type === 'integer') {
    return mark - payload === integerBytes ? success(readInteger(bytes, payload)) : malformed
  }
  const text = readText(bytes, payload, mark)
  if (text === undefined || (type === 'decimal' && !decimalPattern.test(text))) return malformed
  return success(text)
}

const malformed = failure({ kind: 'malformed-plaintext' } as const)

function tagOf(type: FieldType): number {
  switch (type) {
    case 'integer':
      return integerTag
    case 'decimal':
      return decimalTag
    case 'text':
      return textTag
  }
}

function writePayload(
  bytes: Uint8Array,
  offset: number,
  type: FieldType,
  value: FieldValue,
): number {
  if (value === null) return 0
  if (type === 'integer') {
    if (typeof value !== 'bigint') throw new TypeError('an integer is sealed from a bigint')
    writeInteger(bytes, offset, value)
    return integerBytes
  }
  if (typeof value !== 'string') throw new TypeError(`a ${type} is sealed from a string`)
  if (type === 'decimal' && !decimalPattern.test(value)) throw new TypeError('not a decimal')
  return writeText(bytes, offset, offset + value.length * 3, value)
}

function writeInteger(bytes: Uint8Array, offset: number, value: bigint): void {
  const asNumber = Number(value)
  if (Number.isSafeInteger(asNumber)) {
    writeSafeInteger(bytes, offset, asNumber)
    return
  }
  if (BigInt.asIntN(64, value) !== value) throw new RangeError('outside 64 bits')
  writeUint32(bytes, offset, Number(BigInt.asUintN(32, value >> 32n)))
  writeUint32(bytes, offset + 4, Number(BigInt.asUintN(32, value)))
}

function readInteger(bytes: Uint8Array, offset: number): bigint {
  const high = readUint32(bytes, offset) | 0
  const low = readUint32(bytes, offset + 4)
  const asNumber = high * 2 ** 32 + low
  return Number.isSafeInteger(asNumber) ? BigInt(asNumber) : (BigInt(high) << 32n) | BigInt(low)
}
