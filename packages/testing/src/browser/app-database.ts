import type { AbstractPowerSyncDatabase } from '@powersync/common'
import type { JSHandle, Page } from 'playwright-core'

/** The device's database as the running app holds it. */
export interface AppDatabase {
  getAll<T>(sql: string, parameters?: readonly unknown[]): Promise<T[]>
  execute(sql: string, parameters?: readonly unknown[]): Promise<unknown>
  readonly writeTransaction: AbstractPowerSyncDatabase['writeTransaction']
  readonly readLock: AbstractPowerSyncDatabase['readLock']
  readonly onChangeWithCallback: AbstractPowerSyncDatabase['onChangeWithCallback']
}

/**
 * Finds the open database in React's tree, since the app exposes nothing on `window`.
 * Waits up to 30 s for an unlocked session.
 */
export async function appDatabase(page: Page): Promise<JSHandle<AppDatabase>> {
  const handle = await page.waitForFunction(
    () => {
      interface Fiber {
        memoizedProps: { value?: unknown } | null
        child: Fiber | null
        sibling: Fiber | null
      }
      const isDatabase = (value: unknown): boolean =>
        typeof value === 'object' &&
        value !== null &&
        'getAll' in value &&
        'writeTransaction' in value
      for (const element of document.querySelectorAll('body > *')) {
        const key = Object.keys(element).find((name) => name.startsWith('__reactContainer$'))
        if (key === undefined) continue
        const stack = [(element as unknown as Record<string, Fiber>)[key]]
        for (let fiber = stack.pop(); fiber; fiber = stack.pop()) {
          const value = fiber.memoizedProps?.value
          if (isDatabase(value)) return value
          if (fiber.sibling) stack.push(fiber.sibling)
          if (fiber.child) stack.push(fiber.child)
        }
      }
      return false
    },
    undefined,
    { timeout: 30_000 },
  )
  return handle as unknown as JSHandle<AppDatabase>
}

/** Rows of one query on the device of `page`. */
export async function queryApp<T = Record<string, unknown>>(
  page: Page,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<T[]> {
  const database = await appDatabase(page)
  const rows = await database.evaluate((db, [text, values]) => db.getAll(text, values), [
    sql,
    parameters,
  ] as const)
  await database.dispose()
  return rows as T[]
}

/** One write on the device of `page`, as a feature's command would do it. */
export async function executeApp(page: Page, sql: string): Promise<void> {
  const database = await appDatabase(page)
  await database.evaluate((db, text) => db.execute(text).then(() => undefined), sql)
  await database.dispose()
}
