import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** The repository. */
export const root = path.join(import.meta.dirname, '..')

const graceMs = 10_000

/**
 * Runs a program to its end with its output visible and no standard input.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, timeoutMs?: number, isHeld?: boolean }} [options] After
 *   `timeoutMs` the program is asked to stop, with everything that it started, and soon after
 *   killed. `isHeld` shows its output in one piece at its end, for programs that run side by side.
 * @returns {Promise<number>} exit code; 1 for a program that could not start or was killed
 */
export async function run(command, args, options = {}) {
  const isGroup = process.platform !== 'win32'
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: options.isHeld ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    detached: isGroup,
  })
  const held = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => held.push(chunk))
  const killAll = (signal) => {
    try {
      process.kill(isGroup ? -child.pid : child.pid, signal)
    } catch {
      // Gone already.
    }
  }
  // Ctrl-C does not reach another process group.
  const stop = (signal) => {
    killAll(signal)
    process.exitCode = 130
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  let killing
  const timer = options.timeoutMs
    ? setTimeout(() => {
        console.error(`${path.basename(command)} took longer than ${options.timeoutMs} ms.`)
        killAll('SIGTERM')
        killing = setTimeout(() => killAll('SIGKILL'), graceMs)
      }, options.timeoutMs)
    : undefined
  try {
    const [code] = await once(child, options.isHeld ? 'close' : 'exit')
    return code ?? 1
  } catch (error) {
    console.error(`${command} did not start: ${error.message}`)
    return 1
  } finally {
    process.stdout.write(Buffer.concat(held))
    clearTimeout(timer)
    clearTimeout(killing)
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** Runs npm, whichever way this script was started. */
export function npm(args, options) {
  const cli = process.env.npm_execpath
  if (cli?.endsWith('.js')) return run(process.execPath, [cli, ...args], options)
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options)
}

/** Runs a program of node_modules/.bin. */
export function bin(name, args, options) {
  return run(path.join(root, 'node_modules/.bin', name), args, options)
}

/** Runs a script that lies beside this one. */
export function script(name, args, options) {
  return run(process.execPath, [path.join(import.meta.dirname, name), ...args], options)
}
