import type { AppDatabase } from '@sealbook/testing/browser'

/**
 * Milliseconds from now until this device has so many rows, and so many of them of this month. It
 * looks after every change, not all the time: whoever waits for the database makes others hurry.
 */
export async function untilRowsAreHere(
  db: Pick<AppDatabase, 'getAll' | 'onChangeWithCallback'>,
  expected: { readonly rows: number; readonly ofMonth: number; readonly month: string },
): Promise<{ readonly total: number; readonly currentMonth: number }> {
  const start = performance.now()
  const until = (rows: number, sql: string, parameters: readonly unknown[]) =>
    new Promise<number>((resolve, reject) => {
      const look = async () => {
        const [found] = await db.getAll<{ rows: number }>(sql, parameters)
        if ((found?.rows ?? 0) < rows) return
        stop()
        resolve(performance.now() - start)
      }
      const stop = db.onChangeWithCallback(
        { onChange: () => look().catch(reject) },
        { tables: ['transactions'], throttleMs: 0, triggerImmediate: true },
      )
    })
  const count = 'SELECT count(*) AS rows FROM transactions'
  const [total, currentMonth] = await Promise.all([
    until(expected.rows, count, []),
    until(expected.ofMonth, `${count} WHERE occurred_on >= ?`, [`${expected.month}-01`]),
  ])
  return { total, currentMonth }
}
