import { setTimeout as delay } from 'node:timers/promises'
import { drawNonces, loadCrypto, type WorkspaceKeys } from '@sealbook/crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { sealRow } from './rows.ts'
import { shapeOf } from './shapes.ts'
import { newWorkspaceKeys, personId, workspaceId } from './testing/device.ts'
import { rowId } from './testing/ledger-rows.ts'
import { TwinOpener } from './twins.ts'

beforeAll(() => loadCrypto())

const shape = shapeOf('transactions')
const id = rowId(1)

/** The twin of a row that has this payee. */
function twinOf(keys: WorkspaceKeys, payee: string, revision = 2): string {
  const values = { workspace_id: workspaceId, kind: 'expense', payee, amount: -1n }
  const version = { revision, authorId: personId }
  const nonces = drawNonces(shape.sealedCount)
  const { cells, seal } = sealRow(shape, keys.byVersion.get(1)!, id, values, version, nonces)
  const columns = shape.columns.map(({ name }, index) => [name, cells[index] ?? null])
  return JSON.stringify({
    ...Object.fromEntries(columns),
    revision,
    author_id: personId,
    seal,
  })
}

/** An opener that has opened the twin ahead. */
async function prepare(data: string, given: Map<string, WorkspaceKeys>): Promise<TwinOpener> {
  const opener = new TwinOpener(given)
  opener.openAhead(shape, [
    { id, data },
    { id: rowId(2), data: null },
  ])
  await delay(5)
  return opener
}

describe('a twin that was opened ahead', () => {
  it('is opened once, and is what opening it gives', async () => {
    const keys = newWorkspaceKeys(workspaceId)
    const data = twinOf(keys, 'Bakery')
    let asked = 0
    const counted = { ...keys, byVersion: { get: (v: number) => (asked++, keys.byVersion.get(v)) } }
    const given = new Map([[workspaceId, counted as unknown as WorkspaceKeys]])
    const opener = await prepare(data, given)
    expect(asked).toBeGreaterThan(0)
    asked = 0
    expect(opener.open(shape, id, data)).toMatchObject({ values: { payee: 'Bakery' } })
    expect(asked).toBe(0)
    expect(opener.open(shape, id, data)).toEqual(new TwinOpener(given).open(shape, id, data))
    expect(asked).toBeGreaterThan(0)
  })

  it('does not count once the twin is another', async () => {
    const keys = newWorkspaceKeys(workspaceId)
    const opener = await prepare(twinOf(keys, 'Bakery'), new Map([[workspaceId, keys]]))
    const changed = twinOf(keys, 'Butcher')
    expect(opener.open(shape, id, changed)).toMatchObject({ values: { payee: 'Butcher' } })
    const forged = changed.replace('"revision":2', '"revision":3')
    expect(opener.open(shape, id, forged)).toMatchObject({ state: 'tampered' })
  })

  it('does not count once its keys are gone or are others', async () => {
    const keys = newWorkspaceKeys(workspaceId)
    const data = twinOf(keys, 'Bakery')
    const given = new Map([[workspaceId, keys]])
    const locked = await prepare(data, given)
    const rekeyed = await prepare(data, given)
    given.delete(workspaceId)
    expect(locked.open(shape, id, data)).toMatchObject({ state: 'locked' })
    given.set(workspaceId, newWorkspaceKeys(workspaceId))
    expect(rekeyed.open(shape, id, data)).toMatchObject({ state: 'tampered' })
  })

  it('fails where it is asked for when it cannot be read, not before', async () => {
    const keys = newWorkspaceKeys(workspaceId)
    const opener = await prepare('{', new Map([[workspaceId, keys]]))
    expect(() => opener.open(shape, id, '{')).toThrow(SyntaxError)
  })

  it('is not remembered where it does not open', async () => {
    const keys = newWorkspaceKeys(workspaceId)
    const data = twinOf(keys, 'Bakery')
    const given = new Map<string, WorkspaceKeys>()
    const opener = await prepare(data, given)
    given.set(workspaceId, keys)
    expect(opener.open(shape, id, data)).toMatchObject({ values: { payee: 'Bakery' } })
  })
})
