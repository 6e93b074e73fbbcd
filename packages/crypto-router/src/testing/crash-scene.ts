import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodeBase64url,
  deriveRowKeys,
  drawNonces,
  encodeBase64url,
  type WorkspaceKeys,
} from '@sealbook/crypto'
import { sealRow } from '../rows.ts'
import { shapeOf } from '../shapes.ts'
import { workspaceId } from './device.ts'
import { accountId, rowId } from './ledger-rows.ts'
import { MiniServer, type ServerRow, type Upload } from './mini-server.ts'

/** A local write: noted before (`accepted` false) and after (true) its commit. */
export interface JournalEntry {
  readonly number: number
  readonly id: string
  /** Null: the row was deleted. */
  readonly payee: string | null
  readonly accepted: boolean
}

type ServerEntry =
  | { readonly kind: 'upload'; readonly upload: Upload }
  | { readonly kind: 'foreign'; readonly id: string; readonly row: ServerRow }

/** What outlives a killed process, in files that are only ever appended to. */
export class CrashScene {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  create(rowKeyText: string): void {
    writeFileSync(join(this.#folder, 'key.txt'), rowKeyText)
    writeFileSync(join(this.#folder, 'server.jsonl'), '')
    writeFileSync(join(this.#folder, 'journal.jsonl'), '')
  }

  keys(): WorkspaceKeys {
    const text = readFileSync(join(this.#folder, 'key.txt'), 'utf8')
    const dataKey = decodeBase64url(text) as Parameters<typeof deriveRowKeys>[0]
    const rowKeys = deriveRowKeys(dataKey, workspaceId, 1)
    return { workspaceId, current: 1, byVersion: new Map([[1, rowKeys]]) }
  }

  journal(): JournalEntry[] {
    return this.#read<JournalEntry>('journal.jsonl')
  }

  /** The server as it was, from now on kept in its file. */
  openServer(): MiniServer {
    const server = new MiniServer()
    for (const entry of this.#read<ServerEntry>('server.jsonl')) {
      if (entry.kind === 'upload') server.apply(entry.upload)
      else server.set(twin, entry.id, entry.row)
    }
    server.onApply = (upload) => this.#append({ kind: 'upload', upload })
    return server
  }

  /** Rows of another device: new ones, and second revisions of those before. */
  deliverForeignRows(server: MiniServer, count: number): void {
    const keys = this.keys().byVersion.get(1)!
    const known = [...server.rows.keys()].filter((key) => key.includes(foreignMark)).length
    for (let index = 0; index < count; index++) {
      const id = rowId(firstForeign + known + (index % 10))
      const revision = Number(server.row(twin, id)?.['revision'] ?? 0) + 1
      const values = {
        workspace_id: workspaceId,
        created_at: 1_700_000_000_000,
        updated_at: 1_700_000_000_000 + revision,
        account_id: accountId,
        kind: 'income',
        occurred_on: '2026-01-01',
        status: 'cleared',
        amount: 9_000_000_000_055n,
        payee: `foreign ${revision}`,
      }
      const version = { revision, authorId: null }
      const nonces = drawNonces(shape.sealedCount)
      const sealed = sealRow(shape, keys, id, values, version, nonces)
      const cells = shape.columns.map(({ name }, at) => [name, sealed.cells[at] ?? null])
      const row = { ...Object.fromEntries(cells), revision, seal: sealed.seal } as ServerRow
      this.#append({ kind: 'foreign', id, row })
      server.set(twin, id, row)
    }
  }

  #append(entry: ServerEntry): void {
    appendFileSync(join(this.#folder, 'server.jsonl'), `${JSON.stringify(entry)}\n`)
  }

  #read<T>(file: string): T[] {
    const path = join(this.#folder, file)
    if (!existsSync(path)) return []
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as T)
  }
}

export function newKeyText(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(32)))
}

/** Ids of foreign rows start with it: `rowId` of numbers from `firstForeign` on. */
const firstForeign = 0xf00000
const foreignMark = 'aaaaaaaa-0000-4000-8000-000000f'
const shape = shapeOf('transactions')
const twin = shape.twin
