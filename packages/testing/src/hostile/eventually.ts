import { vi } from 'vitest'

/** A guard against what never comes; a busy machine takes its time. */
const patience = { timeout: 45_000, interval: 100 }

/** Until `check` does not throw any more. Unlike `expect.poll` also in tests that run side by side. */
export function eventually(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, patience)
}
