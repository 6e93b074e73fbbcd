import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startKept } from './kept-process.ts'

const keeper = fileURLToPath(new URL('keeper.mjs', import.meta.url))
/** A program with a child, both deaf to SIGTERM; it writes down who they are. */
const deaf = `trap '' TERM; sleep 600 & echo $$ $! > "$0/pids"; echo ready; wait`

describe('a kept process', () => {
  it('ends with its children, and its folder is removed', async () => {
    const folder = await freshFolder()
    const kept = startKept(folder, 'sh', ['-c', deaf, folder])
    await kept.says(/ready/)
    const pids = await readPids(folder)
    expect(pids.map(isAlive)).toEqual([true, true])
    await kept.end()
    expect(pids.map(isAlive)).toEqual([false, false])
    expect(existsSync(folder)).toBe(false)
  })

  it('is killed with its children, and its folder stays', async () => {
    const folder = await freshFolder()
    const kept = startKept(folder, 'sh', ['-c', deaf, folder])
    await kept.says(/ready/)
    const pids = await readPids(folder)
    await kept.kill()
    expect(pids.map(isAlive)).toEqual([false, false])
    expect(existsSync(folder)).toBe(true)
    const again = startKept(folder, 'sh', ['-c', deaf, folder])
    await again.says(/ready/)
    await again.end()
    expect(existsSync(folder)).toBe(false)
  })

  it('ends, and its folder is removed, when whoever started it is killed', async () => {
    const folder = await freshFolder()
    const script = join(await freshFolder(), 'owner.mjs')
    await writeFile(
      script,
      `import { spawn } from 'node:child_process'
      const args = ${JSON.stringify([keeper, folder, 'sh', '-c', deaf, folder])}
      const options = { detached: true, stdio: ['pipe', 'inherit', 'inherit'] }
      spawn(process.execPath, args, options)`,
    )
    const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(owner.stdout, 'data')
    const pids = await readPids(folder)
    owner.kill('SIGKILL')
    await expect.poll(() => pids.map(isAlive), { timeout: 20_000 }).toEqual([false, false])
    await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false)
  })

  it('says what a program wrote that ended too early', async () => {
    const kept = startKept(await freshFolder(), 'sh', ['-c', 'echo no display >&2'])
    await expect(kept.says(/listening/)).rejects.toThrow('no display')
    await kept.end()
  })
})

function freshFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sealbook-kept-'))
}

async function readPids(folder: string): Promise<number[]> {
  return (await readFile(join(folder, 'pids'), 'utf8')).trim().split(' ').map(Number)
}

/** A process that ended stays in the table until its parent asks for its exit code. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
