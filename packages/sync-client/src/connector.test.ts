import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createConnector } from './connector.ts'
import { SignedOutError } from './post.ts'
import { SyncUnavailableError, type PostResult } from './api.ts'
import { readProblems } from './problems.ts'
import { connectScripted, queueMany } from './testing-connector.ts'
import {
  accepted,
  countQueued,
  editAccount,
  openDevice,
  queueAccount,
  RecordedChanges,
  refused,
  rowId,
  ScriptedApi,
  sealOf,
  type Script,
} from './testing.ts'

let db: AbstractPowerSyncDatabase
let close: () => Promise<void>
beforeEach(async () => ({ db, close } = await openDevice()))
afterEach(() => close())

const connect = (script: Script) => connectScripted(db, script)

const unavailable: PostResult = { kind: 'unavailable', retryAfterMs: null }

describe('uploading', () => {
  it('sends a merged transaction with what it is based on, then takes it off the queue', async () => {
    const { api, upload, states } = connect(() => accepted)
    await queueAccount(db, rowId(1))
    await upload()
    await db.writeTransaction(async (tx) => {
      await editAccount(tx, rowId(1), 2)
      await editAccount(tx, rowId(1), 3)
    })
    await upload()
    expect(api.batches[0]).toMatchObject([
      { op: 'PUT', table: 'accounts_encrypt', id: rowId(1), data: { revision: 1 } },
    ])
    expect(api.batches[1]).toEqual([
      {
        op: 'PATCH',
        table: 'accounts_encrypt',
        id: rowId(1),
        data: { name: 'AQE3', revision: 3, seal: sealOf(rowId(1), 3) },
        previous: { revision: 1, seal: sealOf(rowId(1), 1) },
      },
    ])
    expect(await countQueued(db)).toBe(0)
    expect(await readProblems(db)).toEqual([])
    expect(states).toEqual(['uploading', 'idle', 'uploading', 'idle'])
  })

  it('keeps a receipt for what was applied, and for nothing else, before it leaves the queue', async () => {
    const { upload, changes } = connect(() => refused(1))
    await queueAccount(db, rowId(1))
    await db.writeTransaction(async (tx) => {
      await editAccount(tx, rowId(1), 2)
      await queueAccount(tx, rowId(2))
      await tx.execute('DELETE FROM accounts_encrypt WHERE id = ?', [rowId(1)])
    })
    await upload()
    expect(changes.acknowledged).toEqual([
      { table: 'accounts', rowId: rowId(1), seal: sealOf(rowId(1), 1), revision: 1 },
    ])
    expect(changes.queuedAtAcknowledgement).toBe(4)
    await upload()
    expect(changes.acknowledged.slice(1)).toEqual([
      { table: 'accounts', rowId: rowId(1), seal: sealOf(rowId(1), 2), revision: 2 },
      { table: 'accounts', rowId: rowId(1), seal: null, revision: 3 },
    ])
  })

  it('does nothing when the queue is empty', async () => {
    const { api, upload } = connect(() => accepted)
    await upload()
    expect(api.batches).toEqual([])
  })

  it('sends nothing of a row that came and went', async () => {
    const { api, upload } = connect(() => accepted)
    await db.writeTransaction(async (tx) => {
      await queueAccount(tx, rowId(1))
      await tx.execute('DELETE FROM accounts_encrypt WHERE id = ?', [rowId(1)])
    })
    await upload()
    expect(api.batches).toEqual([])
    expect(await countQueued(db)).toBe(0)
  })

  it('cuts a transaction into batches of 500, in order', async () => {
    const { api, upload } = connect(() => accepted)
    await queueMany(db, 1_100)
    await upload()
    expect(api.batches.map((batch) => batch.length)).toEqual([500, 500, 100])
    expect(api.batches.flat().map(({ id }) => id)).toEqual(
      Array.from({ length: 1_100 }, (_, i) => rowId(i)),
    )
  })

  it('cuts a batch that is too large, until it fits', async () => {
    const { api, upload } = connect((batch) =>
      batch.length > 3 ? { kind: 'too-large' } : accepted,
    )
    await queueMany(db, 10)
    await upload()
    const taken = api.batches.filter((batch) => batch.length <= 3).flat()
    expect(taken.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => rowId(i)))
    expect(await readProblems(db)).toEqual([])
  })

  it('finds the one operation that makes a batch malformed, and keeps it as a problem', async () => {
    const { api, upload } = connect((batch) =>
      batch.some(({ id }) => id === rowId(37)) ? { kind: 'malformed' } : accepted,
    )
    await queueMany(db, 100)
    await upload()
    expect(await countQueued(db)).toBe(0)
    expect(await readProblems(db)).toMatchObject([
      { table: 'accounts', rowId: rowId(37), op: 'PUT', code: 'invalid-operation' },
    ])
    expect(api.batches.length).toBeLessThan(20)
  })
})

describe('a server that does not answer', () => {
  it('is asked again after growing pauses', async () => {
    const { api, waits, upload } = connect((_, call) => (call < 4 ? unavailable : accepted))
    await queueAccount(db, rowId(1))
    await upload()
    expect(api.batches).toHaveLength(4)
    expect(waits).toEqual([375, 750, 1_500])
    expect(await countQueued(db)).toBe(0)
  })

  it('is given up for now after five attempts, with everything still queued', async () => {
    const { api, upload, states } = connect(() => unavailable)
    await queueAccount(db, rowId(1))
    await expect(upload()).rejects.toThrow(SyncUnavailableError)
    expect(api.batches).toHaveLength(5)
    expect(await countQueued(db)).toBe(1)
    expect(states).toEqual(['uploading', 'unavailable'])
  })

  it('is left alone for as long as it asks', async () => {
    const { api, waits, upload } = connect((_, call) =>
      call === 1 ? { kind: 'unavailable', retryAfterMs: 3_000 } : accepted,
    )
    await queueAccount(db, rowId(1))
    await upload()
    expect(waits).toEqual([3_000])
    expect(api.batches).toHaveLength(2)
  })

  it('is left alone for longer than one call lasts', async () => {
    const { api, waits, upload } = connect((_, call) =>
      call === 1 ? { kind: 'unavailable', retryAfterMs: 12_000 } : accepted,
    )
    await queueAccount(db, rowId(1))
    for (let i = 0; i < 3; i++) await expect(upload()).rejects.toThrow(SyncUnavailableError)
    await upload()
    expect(api.batches).toHaveLength(2)
    expect(waits.reduce((sum, ms) => sum + ms)).toBe(12_000)
    expect(await countQueued(db)).toBe(0)
  })

  it('is asked again about operations that may succeed later', async () => {
    const { api, upload } = connect((_, call) =>
      call === 1 ? refused(0, { retryable: true }) : accepted,
    )
    await queueAccount(db, rowId(1))
    await upload()
    expect(api.batches).toHaveLength(2)
    expect(await readProblems(db)).toEqual([])
  })
})

describe('a server that is down', () => {
  it('is asked once at a time, and ever more rarely', async () => {
    const { api, upload, now } = connect(() => unavailable)
    await queueAccount(db, rowId(1))
    await expect(upload()).rejects.toThrow(SyncUnavailableError)
    const asked: number[] = []
    for (let call = 0; call < 200; call++) {
      const before = api.batches.length
      await expect(upload()).rejects.toThrow(SyncUnavailableError)
      if (api.batches.length > before) asked.push(now())
      expect(api.batches.length - before).toBeLessThanOrEqual(1)
    }
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
    expect(gaps.slice(0, 5)).toEqual([22_500, 45_000, 90_000, 180_000, 225_000])
    expect(Math.max(...gaps)).toBe(225_000)
    expect(await countQueued(db)).toBe(1)
  })

  it('has everything soon after it answers again', async () => {
    let down = true
    const { api, upload } = connect(() => (down ? unavailable : accepted))
    await queueMany(db, 1_100)
    await expect(upload()).rejects.toThrow(SyncUnavailableError)
    down = false
    for (let call = 0; call < 2; call++) await expect(upload()).rejects.toThrow('not yet time')
    await upload()
    expect(await countQueued(db)).toBe(0)
    expect(api.batches.slice(5).map((batch) => batch.length)).toEqual([500, 500, 100])
  })

  it('is asked at once when the network is back, but not before the time that it named', async () => {
    let answer: PostResult = unavailable
    const { api, upload, connector, waits } = connect(() => answer)
    await queueAccount(db, rowId(1))
    await expect(upload()).rejects.toThrow(SyncUnavailableError)
    const waited = waits.length
    answer = { kind: 'unavailable', retryAfterMs: 60_000 }
    connector.resume()
    await expect(upload()).rejects.toThrow(SyncUnavailableError)
    expect(waits).toHaveLength(waited)
    expect(api.batches).toHaveLength(6)
    answer = accepted
    connector.resume()
    await expect(upload()).rejects.toThrow('not yet time')
    expect(api.batches).toHaveLength(6)
  })

  it('is asked at once by an upload that is waiting when the network comes back', async () => {
    const api = new ScriptedApi((_, call) => (call === 1 ? unavailable : accepted))
    let begun = () => {}
    const waiting = new Promise<void>((resolve) => (begun = resolve))
    const connector = createConnector({
      api,
      changes: new RecordedChanges(),
      now: () => 0,
      random: () => 0.5,
      sleep: () => {
        begun()
        return new Promise(() => undefined)
      },
    })
    await queueAccount(db, rowId(1))
    const upload = connector.uploadData(db)
    await waiting
    connector.resume()
    await upload
    expect(api.batches).toHaveLength(2)
    expect(await countQueued(db)).toBe(0)
  })
})

describe('a session that has ended', () => {
  it('is told, and everything stays queued', async () => {
    const { upload, states } = connect(() => ({ kind: 'signed-out' }))
    await queueAccount(db, rowId(1))
    await expect(upload()).rejects.toThrow(SignedOutError)
    expect(states).toEqual(['uploading', 'signed-out'])
    expect(await countQueued(db)).toBe(1)
  })

  it('gives no credentials', async () => {
    const { connector, api } = connect(() => accepted)
    expect(await connector.fetchCredentials()).toEqual({
      endpoint: 'http://localhost/powersync',
      token: 't',
    })
    api.fetchToken = () => Promise.resolve(null as never)
    expect(await connector.fetchCredentials()).toBeNull()
  })
})
