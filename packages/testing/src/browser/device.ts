import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { chromiumArgs, findChromium } from './chromium.ts'

/** A headless Chromium with a profile on disk, as a person's has. */
export interface Device {
  readonly page: Page
  close(): Promise<void>
}

/**
 * For measurements: a context without a profile keeps the origin's private file system in the
 * browser process, where every read and write of SQLite costs a call between processes.
 */
export async function launchDevice(): Promise<Device> {
  const profile = await mkdtemp(join(tmpdir(), 'sealbook-device-'))
  const executablePath = findChromium()
  const context = await chromium.launchPersistentContext(profile, {
    args: chromiumArgs,
    ...(executablePath ? { executablePath } : {}),
  })
  return {
    page: await context.newPage(),
    close: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
