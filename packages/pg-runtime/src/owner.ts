import { readFile, rm, writeFile } from 'node:fs/promises'
import { identifyProcess } from './process-identity.ts'
import { PostgresStartError } from './start-error.ts'

interface Owner {
  readonly pid: number
  readonly identity: string
}

/**
 * Claims a data directory for this process. A claim left by a process that is gone is taken over.
 *
 * @throws {PostgresStartError} `in-use` when its owner is alive.
 */
export async function claim(ownerFile: string): Promise<void> {
  const mine: Owner = { pid: process.pid, identity: (await identifyProcess(process.pid)) ?? '' }
  for (;;) {
    try {
      return await writeFile(ownerFile, JSON.stringify(mine), { flag: 'wx', mode: 0o600 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const other = await readOwner(ownerFile)
    if (other && (await identifyProcess(other.pid)) === other.identity) {
      throw new PostgresStartError(
        'in-use',
        `The data directory is in use by process ${other.pid}. Stop that one first.`,
      )
    }
    await rm(ownerFile, { force: true })
  }
}

async function readOwner(ownerFile: string): Promise<Owner | undefined> {
  const text = await readFile(ownerFile, 'utf8').catch(() => '')
  try {
    return JSON.parse(text) as Owner
  } catch {
    return undefined // half-written by a process that was killed
  }
}
