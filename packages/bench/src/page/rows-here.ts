interface Reader {
  getAll<T>(sql: string, parameters?: readonly unknown[]): Promise<T[]>
}

const pollMs = 100

/** Milliseconds from now until this device has so many rows, and so many of them of this month. */
export async function untilRowsAreHere(
  db: Reader,
  expected: { readonly rows: number; readonly ofMonth: number; readonly month: string },
): Promise<{ readonly total: number; readonly currentMonth: number }> {
  const start = performance.now()
  const until = async (rows: number, sql: string, parameters: readonly unknown[]) => {
    for (;;) {
      const [found] = await db.getAll<{ rows: number }>(sql, parameters)
      if ((found?.rows ?? 0) >= rows) return performance.now() - start
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }
  const count = 'SELECT count(*) AS rows FROM transactions'
  const [total, currentMonth] = await Promise.all([
    until(expected.rows, count, []),
    until(expected.ofMonth, `${count} WHERE occurred_on >= ?`, [`${expected.month}-01`]),
  ])
  return { total, currentMonth }
}
