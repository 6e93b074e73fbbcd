import type { AbstractPowerSyncDatabase } from '@powersync/common'
import { createConnector, type UploadState } from './connector.ts'
import { queueAccount, RecordedChanges, rowId, ScriptedApi, type Script } from './testing.ts'

/** A connector whose clock moves only by its own waiting. */
export function connectScripted(db: AbstractPowerSyncDatabase, script: Script) {
  const api = new ScriptedApi(script)
  const waits: number[] = []
  const states: UploadState[] = []
  let clock = 1_000_000
  const changes = new RecordedChanges()
  const connector = createConnector({
    api,
    changes,
    now: () => clock,
    random: () => 0.5,
    sleep: (ms) => {
      waits.push(ms)
      clock += ms
      return Promise.resolve()
    },
    onUploadState: (state) => states.push(state),
  })
  return {
    api,
    changes,
    waits,
    states,
    upload: () => connector.uploadData(db),
    connector,
    now: () => clock,
  }
}

/** As many changed accounts in the upload queue, in one transaction. */
export async function queueMany(db: AbstractPowerSyncDatabase, count: number): Promise<void> {
  await db.writeTransaction(async (tx) => {
    for (let i = 0; i < count; i++) await queueAccount(tx, rowId(i), { sortOrder: i })
  })
}
