import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DeviceGoneError, DeviceProcess } from './device-process.ts'

/** Its channel closes a while before it dies, as in a process that is killed. */
const dying = `
  process.disconnect()
  process.stderr.write('disconnected')
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 500)`

describe('a process that is dying', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sealbook-process-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('answers a call once it is gone, not before: whoever asks again would not notice it', async () => {
    const file = path.join(folder, 'dying.mjs')
    await writeFile(file, dying)
    const process = new DeviceProcess(file)
    await vi.waitFor(() => expect(process.complaints).toBe('disconnected'), { timeout: 10_000 })
    expect(process.isGone).toBe(false)
    await expect(process.call('state')).rejects.toBeInstanceOf(DeviceGoneError)
    expect(process.isGone).toBe(true)
    expect(await process.exited).toBe('SIGKILL')
  })
})
