import {
  addAccount,
  launchDevice,
  registerPerson,
  startStack,
  testPerson,
  waitUntilUpToDate,
} from '@sealbook/testing/browser'
import type { Workload } from '../measure.ts'
import { burstNames, measureBursts } from '../transactions/burst.ts'
import { openPlainDevice } from '../transactions/plain.ts'
import { measureQueries, queryNames } from '../transactions/queries.ts'
import { seedTransactions, waitUntilIndexed } from '../transactions/seed.ts'
import { measureWrites } from '../transactions/writes.ts'

const rowCount = 100_000
const uploadTimeoutMs = 15 * 60_000

/** The real app in Chromium with 100,000 transactions, against plain SQLite in the same browser. */
export const transactionsWorkload: Workload = {
  names: [...queryNames, 'write.toRendered', ...burstNames],
  run: async () => {
    const stack = await startStack()
    const device = await launchDevice()
    const plain = await openPlainDevice(rowCount)
    try {
      const { page } = device
      const person = testPerson('bench')
      await registerPerson(page, stack.url, person)
      await addAccount(page, { name: 'Everyday', openingBalance: '100' })
      await seedTransactions(page, rowCount)
      await waitUntilUpToDate(page, uploadTimeoutMs)
      await waitUntilIndexed(page)
      return [
        ...(await measureQueries(page)),
        await measureWrites(page, plain.page),
        ...(await measureBursts(page, plain.page)),
      ]
    } finally {
      await plain.close()
      await device.close()
      await stack.dispose()
    }
  },
}
