import type { AbstractPowerSyncDatabase, CrudEntry } from '@powersync/common'
import { keepReceipts } from '../receipts.ts'
import { shapes } from '../shapes.ts'
import { takeBackChange } from '../take-back.ts'

/** A row of the server, or null once deleted. */
export type ServerRow = Readonly<Record<string, string | number | null>>

interface ServerOp {
  readonly table: string
  readonly id: string
  readonly row: ServerRow | null
}

/** One queued change as it reached the server. */
export interface Upload {
  readonly key: string
  readonly op: string
  readonly table: string
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
  readonly previousRevision: unknown
  readonly previousSeal: unknown
}

/** The device is killed after the server's answer, before it has noted that. */
export type Death = 'die-before-receipt' | 'die-before-complete'

/** Why the server did not take an upload. */
export interface Conflict {
  readonly current: ServerRow | null
  readonly deletedRevision: number | null
}

/**
 * What a sync server keeps, without its network: rows by twin, and the log of their changes. Takes
 * every upload as it comes, once a key.
 */
export class MiniServer {
  readonly rows = new Map<string, ServerRow>()
  readonly ops: ServerOp[] = []
  readonly uploads: Upload[] = []
  writeCheckpoint = 0
  /** Says "applied" to these uploads and stores nothing of them. */
  drops: (upload: Upload) => boolean = () => false
  /** Called before an upload that is new takes effect, to keep it. */
  onApply: (upload: Upload) => void = () => undefined
  readonly #keys = new Set<string>()
  readonly #tombstones = new Map<string, number>()

  row(table: string, id: string): ServerRow | undefined {
    return this.rows.get(`${table}/${id}`)
  }

  /** Sets or deletes a row, as another device's upload does. */
  set(table: string, id: string, row: ServerRow | null): void {
    if (row === null) this.rows.delete(`${table}/${id}`)
    else this.rows.set(`${table}/${id}`, row)
    this.ops.push({ table, id, row })
  }

  /** A copy from before them has no record of deletes. */
  forgetDeletes(): void {
    this.#tombstones.clear()
  }

  /** Compares and sets, as the real server does; null when the upload is taken. */
  offer(upload: Upload): Conflict | null {
    const { op, table, id, data, previousSeal } = upload
    const key = `${table}/${id}`
    const stored = this.row(table, id)
    const deletedRevision = this.#tombstones.get(key) ?? null
    if (this.#keys.has(upload.key) || (op === 'DELETE' && stored === undefined)) return null
    if (stored === undefined) {
      const isNewer = op === 'PUT' && Number(data['revision']) > (deletedRevision ?? 0)
      if (!isNewer) return { current: null, deletedRevision }
    } else if (op === 'PUT' || stored['seal'] !== previousSeal) {
      return { current: stored, deletedRevision: null }
    }
    if (op === 'DELETE' && !this.drops(upload)) {
      this.#tombstones.set(key, Number(stored?.['revision']) + 1)
    }
    this.apply(upload)
    return null
  }

  apply(upload: Upload): void {
    if (this.#keys.has(upload.key)) return
    this.onApply(upload)
    this.#keys.add(upload.key)
    this.uploads.push(upload)
    if (this.drops(upload)) return
    const { table, id } = upload
    const changed = upload.data as ServerRow
    if (upload.op === 'DELETE') this.set(table, id, null)
    else if (upload.op === 'PUT') this.set(table, id, changed)
    else this.set(table, id, { ...this.row(table, id), ...changed })
  }
}

/**
 * One device's connection: lines go through the core extension's own sync client, so that rows are
 * applied exactly as in production, held back while the upload queue is not empty.
 */
export class SyncLink {
  readonly db: AbstractPowerSyncDatabase
  readonly server: MiniServer
  readonly name: string
  #sent = 0
  #started = false

  constructor(db: AbstractPowerSyncDatabase, server: MiniServer, name: string) {
    this.db = db
    this.server = server
    this.name = name
  }

  /** The server refuses the whole queue for good: taken off, and nothing stored. */
  async uploadRefused(): Promise<void> {
    for (;;) {
      const transaction = await this.db.getNextCrudTransaction()
      if (!transaction) break
      await transaction.complete()
    }
    await this.upload()
  }

  /**
   * One transaction of the queue to a server that compares and sets: what it does not take is taken
   * back, before the transaction leaves the queue. False when there is none.
   */
  async offerTransaction(death: Death | null = null): Promise<boolean> {
    const transaction = await this.db.getNextCrudTransaction()
    if (!transaction) return false
    const acknowledged: Upload[] = []
    for (const entry of transaction.crud) {
      const upload = this.#uploadOf(entry)
      const conflict = this.server.offer(upload)
      const shape = shapes.find(({ twin }) => twin === upload.table)
      if (conflict === null) acknowledged.push(upload)
      if (conflict === null || shape === undefined) continue
      await this.db.writeTransaction((tx) =>
        takeBackChange(tx, {
          table: shape.table,
          rowId: upload.id,
          baseSeal: textOrNull(upload.previousSeal),
          seal: textOrNull(upload.data['seal']),
          isGone: conflict.current === null,
          deletedRevision: conflict.deletedRevision,
        }),
      )
    }
    if (death === 'die-before-receipt') return true
    await this.#keepReceipts(acknowledged)
    if (death === null) await transaction.complete()
    return true
  }

  /** The whole queue to such a server, and what it has since. */
  async offerAndSync(): Promise<void> {
    while (await this.offerTransaction());
    await this.sync()
  }

  /** Uploads the whole queue, then asks for its own writes back, as PowerSync's client does. */
  async upload(): Promise<Upload[]> {
    const uploads: Upload[] = []
    for (;;) {
      const transaction = await this.db.getNextCrudTransaction()
      if (!transaction) break
      const acknowledged = transaction.crud.map((entry) => this.#uploadOf(entry))
      for (const upload of acknowledged) this.server.apply(upload)
      uploads.push(...acknowledged)
      await this.#keepReceipts(acknowledged)
      await transaction.complete()
    }
    const checkpoint = String(++this.server.writeCheckpoint)
    await this.db.writeTransaction(async (tx) => {
      const waiting = await tx.getOptional('SELECT 1 FROM ps_crud LIMIT 1')
      if (waiting !== null) return
      await tx.execute(`SELECT powersync_control('target_checkpoint_request_id', ?)`, [checkpoint])
    })
    return uploads
  }

  /** @returns whether the checkpoint was applied, not held back. */
  async download(): Promise<boolean> {
    if (!this.#started) await this.#start()
    const { ops, writeCheckpoint } = this.server
    const bucket = 'test[]'
    const last = String(ops.length)
    await this.#line({
      checkpoint: {
        last_op_id: last,
        write_checkpoint: writeCheckpoint === 0 ? null : String(writeCheckpoint),
        buckets: [{ bucket, checksum: 0, priority: 3, count: ops.length }],
      },
    })
    const data = ops.slice(this.#sent).map((op, index) => ({
      op_id: String(this.#sent + index + 1),
      op: op.row === null ? 'REMOVE' : 'PUT',
      object_type: op.table,
      object_id: op.id,
      checksum: 0,
      ...(op.row === null ? {} : { data: document(op.table, op.id, op.row) }),
    }))
    if (data.length > 0) {
      await this.#line({
        data: { bucket, has_more: false, after: String(this.#sent), next_after: last, data },
      })
    }
    this.#sent = ops.length
    const instructions = await this.#line({ checkpoint_complete: { last_op_id: last } })
    return instructions.includes('DidCompleteSync')
  }

  /** @throws when the server's rows were held back because of a write in between. */
  async sync(): Promise<Upload[]> {
    const uploads = await this.upload()
    if (!(await this.download())) throw new Error('the checkpoint was held back')
    return uploads
  }

  async #start(): Promise<void> {
    this.#started = true
    await this.#control('start', JSON.stringify({ parameters: {} }))
    // After a restart the device says how far it got.
    const known = await this.db.getOptional<{ last_op: number }>(
      `SELECT last_op FROM ps_buckets WHERE name = 'test[]'`,
    )
    this.#sent = Math.max(this.#sent, known?.last_op ?? 0)
  }

  #line(line: unknown): Promise<string> {
    return this.#control('line_text', JSON.stringify(line))
  }

  #control(operation: string, payload: string): Promise<string> {
    return this.db.writeTransaction(async (tx) => {
      const { rawRows } = await tx.executeRaw('SELECT CAST(powersync_control(?, ?) AS TEXT)', [
        operation,
        payload,
      ])
      return String(rawRows[0]?.[0])
    })
  }

  async #keepReceipts(uploads: readonly Upload[]): Promise<void> {
    const changes = uploads.flatMap(({ table, id: rowId, data, previousRevision }) => {
      const shape = shapes.find(({ twin }) => twin === table)
      if (shape === undefined) return []
      const seal = textOrNull(data['seal'])
      const revision = seal === null ? Number(previousRevision) + 1 : Number(data['revision'])
      return [{ table: shape.table, rowId, seal, revision }]
    })
    await this.db.writeTransaction((tx) => keepReceipts(tx, changes, 0))
  }

  #uploadOf(entry: CrudEntry): Upload {
    return {
      key: `${this.name}/${entry.clientId}`,
      op: String(entry.op),
      table: entry.table,
      id: entry.id,
      data: entry.opData ?? {},
      previousRevision: entry.previousValues?.['revision'],
      previousSeal: entry.previousValues?.['seal'],
    }
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** As a server writes it: with the id, with nulls, and in an order of its own. */
function document(table: string, id: string, row: ServerRow): string {
  const shape = shapes.find((candidate) => candidate.twin === table)
  const nulls = (shape?.twinNames ?? []).map((name) => [name, null] as const)
  const complete = { ...Object.fromEntries(nulls), ...row, id }
  return JSON.stringify(Object.fromEntries(Object.entries(complete).reverse()))
}
