import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { argon2id } from '@noble/hashes/argon2.js'
import { blake2b } from '@noble/hashes/blake2.js'

/**
 * The formats of docs/crypto.md written a second time, on other primitives and in the plainest way,
 * from fixed inputs. `vectors.json` is `JSON.stringify(independentVectors(), null, 2)`; it stays
 * for ever, and a new format version adds vectors beside it.
 */
export function independentVectors() {
  const userKey = counting(0x00)
  const dataKey = counting(0x20)
  const recoveryKey = counting(0x40)
  const databaseKey = counting(0x60)
  const kdf = {
    algorithm: 'argon2id13',
    memoryKiB: 65_536,
    passes: 3,
    salt: base64url(counting(0xa0, 16)),
  }
  const secretKey = 'correct horse battery staple Zürich ﬁne'
  const normalised = secretKey.normalize('NFKC')
  const kek = argon2id(utf8(normalised), counting(0xa0, 16), { m: 65_536, t: 3, p: 1, dkLen: 32 })
  const recoveryKek = mac(recoveryKey, parts('sealbook', 'recovery-kek'))
  const kdfBytes = parts('argon2id13', uint32(65_536), uint32(3), counting(0xa0, 16))
  const subkey = (purpose: string, keyVersion: number) =>
    mac(dataKey, parts('sealbook', purpose, workspaceId, uint32(keyVersion)))
  return {
    inputs: {
      userId,
      workspaceId,
      userKey: hex(userKey),
      dataKey: hex(dataKey),
      recoveryKey: hex(recoveryKey),
      databaseKey: hex(databaseKey),
    },
    kdf: { secretKey, params: kdf, kek: hex(kek) },
    recoveryKek: hex(recoveryKek),
    wrapped: [
      wrap('secret-key slot', kek, userKey, ['slot', userId, secretSlotId, 'secret-key', kdfBytes]),
      wrap('recovery-key slot', recoveryKek, userKey, [
        'slot',
        userId,
        recoverySlotId,
        'recovery-key',
        new Uint8Array(0),
      ]),
      wrap('data key', userKey, dataKey, ['data-key', userId, workspaceId, uint32(1)]),
      wrap('database key', userKey, databaseKey, ['database-key', userId, deviceId]),
    ],
    subkeys: [1, 2].map((keyVersion) => ({
      keyVersion,
      fields: hex(subkey('fields', keyVersion)),
      rowSeals: hex(subkey('row-seals', keyVersion)),
    })),
    envelopes: values.map(([column, type, value], index) => {
      const keyVersion = (index % 2) + 1
      const nonce = counting(0x80 + index, 24)
      const key = subkey('fields', keyVersion)
      return seal({ column, type, value, keyVersion, nonce, key })
    }),
    rowSeals: rows.map((row) => sealRow(row, subkey('row-seals', row.keyVersion))),
  }
}

const userId = '0192d3a4-0000-7000-8000-000000000001'
const workspaceId = '0192d3a4-0000-7000-8000-000000000002'
const secretSlotId = '0192d3a4-0000-7000-8000-000000000003'
const recoverySlotId = '0192d3a4-0000-7000-8000-000000000004'
const deviceId = '0192d3a4-0000-7000-8000-000000000005'
const rowId = '0192d3a4-0000-7000-8000-000000000006'
const table = 'transactions'

type Type = 'integer' | 'text' | 'decimal'
const values: readonly (readonly [column: string, type: Type, value: string | null])[] = [
  ['amount', 'integer', '-7319571337'],
  ['amount', 'integer', '0'],
  ['amount', 'integer', '2147483648'],
  ['amount', 'integer', '1000000000000001'],
  ['amount', 'integer', '9007199254740993'],
  ['amount', 'integer', '9223372036854775807'],
  ['amount', 'integer', '-9223372036854775808'],
  ['amount', 'integer', null],
  ['rate', 'decimal', '0.00012345678901234567890'],
  ['rate', 'decimal', '-3.5'],
  ['payee', 'text', ''],
  ['payee', 'text', 'Corner shop'],
  ['payee', 'text', '\ufeffCafé Größe 東京 🦉\u0000end'],
  ['note', 'text', null],
  ['note', 'text', 'x'.repeat(30)],
  ['note', 'text', 'x'.repeat(31)],
  ['note', 'text', 'x'.repeat(254)],
  ['note', 'text', 'x'.repeat(255)],
  ['note', 'text', '€'.repeat(2_000)],
]

const rows = [
  {
    keyVersion: 1,
    revision: 1,
    columns: {
      account_id: '0192d3a4-0000-7000-8000-000000000007',
      category_id: null,
      occurred_on: '2026-11-22',
      created_at: 1_795_305_600_000,
      sort_order: -1,
      amount: 'AQEAAAAB',
    },
  },
  { keyVersion: 2, revision: 4_503_599_627_370_496, columns: {} },
]

interface Sealing {
  readonly column: string
  readonly type: Type
  readonly value: string | null
  readonly keyVersion: number
  readonly nonce: Uint8Array
  readonly key: Uint8Array
}

function seal({ column, type, value, keyVersion, nonce, key }: Sealing) {
  const aad = parts(
    'sealbook',
    Uint8Array.of(1),
    Uint8Array.of(1),
    workspaceId,
    table,
    rowId,
    column,
    uint32(keyVersion),
  )
  const plaintext = pad(encode(type, value))
  const ciphertext = xchacha20poly1305(key, nonce, aad).encrypt(plaintext)
  const envelope = join(Uint8Array.of(1, 1), uint32(keyVersion), nonce, ciphertext)
  return {
    place: { workspaceId, table, rowId, column },
    type,
    value,
    keyVersion,
    nonce: hex(nonce),
    aad: hex(aad),
    plaintext: hex(plaintext),
    envelope: base64url(envelope),
  }
}

function encode(type: Type, value: string | null): Uint8Array {
  if (value === null) return Uint8Array.of(0)
  switch (type) {
    case 'integer':
      return join(Uint8Array.of(1), int64(BigInt(value)))
    case 'decimal':
      return join(Uint8Array.of(2), utf8(value))
    case 'text':
      return join(Uint8Array.of(3), utf8(value))
  }
}

function pad(bytes: Uint8Array): Uint8Array {
  const marked = join(bytes, Uint8Array.of(0x80))
  let length = marked.length
  if (length <= 256) {
    while (length % 32 !== 0) length++
  } else {
    const e = Math.floor(Math.log2(length))
    const s = Math.floor(Math.log2(e)) + 1
    const lastBits = 2 ** (e - s)
    while (length % lastBits !== 0) length++
  }
  return join(marked, new Uint8Array(length - marked.length))
}

function sealRow(row: (typeof rows)[number], key: Uint8Array) {
  const cells = Object.entries(row.columns)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => [
      name,
      typeof value === 'number'
        ? join(Uint8Array.of(1), int64(BigInt(value)))
        : join(Uint8Array.of(3), utf8(String(value))),
    ])
  const message = parts(
    'sealbook row',
    Uint8Array.of(1),
    uint32(row.keyVersion),
    workspaceId,
    table,
    rowId,
    int64(BigInt(row.revision)),
    ...cells,
  )
  const { keyVersion, revision, columns } = row
  return {
    keyVersion,
    row: { workspaceId, table, id: rowId, revision, columns },
    message: hex(message),
    seal: base64url(join(Uint8Array.of(1), uint32(keyVersion), mac(key, message))),
  }
}

function wrap(
  name: string,
  wrapping: Uint8Array,
  key: Uint8Array,
  context: readonly (string | Uint8Array)[],
) {
  const nonce = counting(0xc0, 24)
  const aad = parts('sealbook', Uint8Array.of(1), Uint8Array.of(1), ...context)
  const ciphertext = xchacha20poly1305(wrapping, nonce, aad).encrypt(key)
  return {
    name,
    nonce: hex(nonce),
    aad: hex(aad),
    wrapped: base64url(join(Uint8Array.of(1, 1), nonce, ciphertext)),
  }
}

function mac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return blake2b(message, { key, dkLen: 32 })
}

function parts(...list: readonly (string | Uint8Array)[]): Uint8Array {
  return join(
    ...list.flatMap((part) => {
      const bytes = typeof part === 'string' ? utf8(part) : part
      return [uint32(bytes.length), bytes]
    }),
  )
}

function counting(from: number, length = 32): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (from + index) % 256)
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

function int64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value)
  return bytes
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function join(...chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(chunks))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
