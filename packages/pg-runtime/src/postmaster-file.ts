import { readFile, readlink, realpath } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive } from './process-identity.ts'

const pollMs = 10
const fastShutdownMs = 15_000

/** What `postmaster.pid` says: the process, and whether it accepts connections. */
export async function readPostmasterFile(
  clusterDir: string,
): Promise<{ pid: number; ready: boolean } | undefined> {
  const text = await readFile(path.join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  // Line 8 is the status, padded: starting, stopping, ready or standby (pidfile.h).
  return { pid, ready: lines[7]?.trim() === 'ready' }
}

/**
 * Stops a Postgres that outlived its parent (kill -9), so that a new one can recover the cluster.
 * A stale file whose pid belongs to another program by now is left to Postgres, which knows.
 */
export async function stopOrphan(clusterDir: string): Promise<void> {
  const file = await readPostmasterFile(clusterDir)
  if (!file || !isAlive(file.pid) || !(await servesCluster(file.pid, clusterDir))) return
  process.kill(file.pid, 'SIGINT')
  if (await isGone(file.pid, fastShutdownMs)) return
  process.kill(file.pid, 'SIGQUIT')
  if (await isGone(file.pid, fastShutdownMs)) return
  process.kill(file.pid, 'SIGKILL')
  await isGone(file.pid, fastShutdownMs)
}

/** Postgres works in its data directory. Only Linux tells without a program; elsewhere believe. */
async function servesCluster(pid: number, clusterDir: string): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const workingDir = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
  return workingDir === (await realpath(clusterDir))
}

async function isGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false
    await delay(pollMs)
  }
  return true
}
