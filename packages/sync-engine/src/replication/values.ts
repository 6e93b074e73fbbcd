import { JsonContainer } from '@powersync/service-jsonbig'
import {
  type DatabaseInputValue,
  DateTimeValue,
  TimeValue,
  TimeValuePrecision,
} from '@powersync/service-sync-rules'

/** How a column's text is turned into the value that sync rules see. */
export type ValueType =
  | 'boolean'
  | 'integer'
  | 'real'
  | 'bytes'
  | 'json'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'text'
  | { readonly arrayOf: ValueType; readonly delimiter: string }

/** Built-in type oids (pg_type.dat) that are not synced as their text. */
export const builtInTypes: ReadonlyMap<number, ValueType> = new Map<number, ValueType>([
  [16, 'boolean'],
  [17, 'bytes'],
  [20, 'integer'],
  [21, 'integer'],
  [23, 'integer'],
  [26, 'integer'],
  [114, 'json'],
  [700, 'real'],
  [701, 'real'],
  [1082, 'date'],
  [1083, 'time'],
  [1114, 'timestamp'],
  [1184, 'timestamptz'],
  [3802, 'json'],
])

/**
 * The value that the PowerSync Service would give the sync rules for the same column.
 * The text must come from a session with ISO dates, UTC and hex bytea (see `sessionSettings`).
 */
export function decodeValue(text: string, type: ValueType): DatabaseInputValue {
  if (typeof type === 'object') return decodeArray(text, type.arrayOf, type.delimiter)
  switch (type) {
    case 'boolean':
      return text === 't'
    case 'integer':
      return BigInt(text)
    case 'real':
      return Number(text)
    case 'bytes':
      return Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
    case 'json':
      return new JsonContainer(text)
    case 'date':
      return infinite(text, '9999-12-31', '0000-01-01') ?? text
    case 'time':
      return TimeValue.parse(text, timeOptions)
    case 'timestamp':
      return decodeTimestamp(text)
    case 'timestamptz':
      return decodeTimestamptz(text)
    case 'text':
      return text
  }
}

/** Session settings under which Postgres prints values as `decodeValue` reads them. */
export const sessionSettings =
  '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex'

const timeOptions = {
  subSecondPrecision: TimeValuePrecision.microseconds,
  defaultSubSecondPrecision: TimeValuePrecision.microseconds,
}

const timestampPattern = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{1,6})?(?:\+00)?$/

function decodeTimestamp(text: string): DatabaseInputValue {
  const bound = infinite(text, '9999-12-31T23:59:59', '0000-01-01T00:00:00')
  if (bound) return new DateTimeValue(bound, undefined, timeOptions)
  const match = timestampPattern.exec(text)
  if (!match) return null // outside of what SQLite's dates hold
  const [, date = '', time = '', fraction = ''] = match
  const precise = fraction === '' ? '.000000' : fraction.padEnd(7, '0')
  return new DateTimeValue(`${date}T${time}${precise}`, text, timeOptions)
}

function decodeTimestamptz(text: string): DatabaseInputValue {
  const bound = infinite(text, '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z')
  if (bound) return new DateTimeValue(bound, undefined, timeOptions)
  const match = timestampPattern.exec(text)
  if (!match) return null
  const [, date = '', time = '', fraction = ''] = match
  return new DateTimeValue(
    `${date}T${time}${fraction}Z`,
    `${date} ${time}${fraction}Z`,
    timeOptions,
  )
}

function infinite(text: string, high: string, low: string): string | null {
  if (text === 'infinity') return high
  return text === '-infinity' ? low : null
}

/** Array literals: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function decodeArray(literal: string, type: ValueType, delimiter: string): DatabaseInputValue[] {
  const text = literal.replace(/^\[[^=]*=/, '') // explicit bounds
  let at = 0

  const element = (): DatabaseInputValue => {
    if (text[at] === '{') return list()
    if (text[at] === '"') return decodeValue(quoted(), type)
    let end = at
    while (text[end] !== delimiter && text[end] !== '}') end++
    const raw = text.slice(at, end)
    at = end
    return raw === 'NULL' ? null : decodeValue(raw, type)
  }

  const quoted = (): string => {
    let value = ''
    for (at++; text[at] !== '"'; at++) {
      if (text[at] === '\\') at++
      value += text[at] ?? ''
    }
    at++
    return value
  }

  const list = (): DatabaseInputValue[] => {
    const values: DatabaseInputValue[] = []
    at++
    while (text[at] !== '}' && at < text.length) {
      values.push(element())
      if (text[at] === delimiter) at++
    }
    at++
    return values
  }

  return list()
}
