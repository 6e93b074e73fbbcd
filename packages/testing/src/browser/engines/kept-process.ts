import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const keeper = fileURLToPath(new URL('keeper.mjs', import.meta.url))
const ended = /^kept process ended: .*$/m
const readyTimeoutMs = 60_000

/** A program that ends with this process, also when this process is killed. */
export interface KeptProcess {
  /** Waits until its output has a match. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** SIGKILL to it and all that it started; its folder stays. */
  kill(): Promise<void>
  /** Ends it and all that it started, and removes its folder. */
  end(): Promise<void>
}

/**
 * @param folder what the program writes to; removed at the end.
 * @param env added to this process's own; undefined takes a variable away.
 */
export function startKept(
  folder: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): KeptProcess {
  const child = spawn(process.execPath, [keeper, folder, command, ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  // Gone before it was told to go.
  child.stdin.on('error', () => undefined)
  return {
    says: async (pattern) => {
      const deadline = Date.now() + readyTimeoutMs
      for (;;) {
        const match = pattern.exec(output)
        if (match) return match
        if (ended.test(output) || child.exitCode !== null || Date.now() > deadline)
          throw new Error(`${command} did not say ${String(pattern)}:\n${output}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    kill: async () => {
      child.stdin.write('kill')
      await exited
    },
    end: async () => {
      child.stdin.end()
      await exited
    },
  }
}
