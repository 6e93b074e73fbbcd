import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSecrets } from './secrets.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'sealbook-secrets-'))
})

afterEach(() => rm(dataDir, { recursive: true }))

describe('secrets', () => {
  it('are made once and readable by their owner only', async () => {
    const first = await loadSecrets(dataDir)
    expect(await loadSecrets(dataDir)).toEqual(first)
    expect(first.authSecret).toHaveLength(43)
    const { mode } = await stat(path.join(dataDir, 'secrets.json'))
    expect(mode & 0o777).toBe(0o600)
  })

  it('are never made anew because the file is damaged', async () => {
    const file = path.join(dataDir, 'secrets.json')
    await writeFile(file, '{"authSecret":"half')
    await expect(loadSecrets(dataDir)).rejects.toThrow('is damaged')
    expect(await readFile(file, 'utf8')).toBe('{"authSecret":"half')
  })
})
