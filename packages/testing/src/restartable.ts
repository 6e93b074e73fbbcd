import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A process that a test starts and kills again and again. */
export interface Restartable<Child extends ChildProcess> {
  /** The end of what it logged, over all its starts. */
  log(): string
  /** Null while it does not run. */
  running(): Child | null
  /** Resolves when it is ready, or was ended meanwhile. */
  start(): Promise<void>
  end(signal: NodeJS.Signals): Promise<void>
  /** Ends it for good. */
  dispose(): Promise<void>
}

const logLimit = 20_000

/**
 * @param name as a failure to start calls it.
 * @param launch its log is its standard error.
 * @param ready resolves when the process said so; the signal is its end.
 */
export function createRestartable<Child extends ChildProcess>(
  name: string,
  launch: () => Child,
  ready: (child: Child, signal: AbortSignal) => Promise<unknown>,
): Restartable<Child> {
  let child: Child | null = null
  let output = ''
  // A run that is cut short leaves no process behind.
  const onExit = () => child?.kill('SIGKILL')
  process.once('exit', onExit)
  const end = async (signal: NodeJS.Signals) => {
    const running = child
    child = null
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const exited = once(running, 'exit')
    running.kill(signal)
    await exited
  }
  return {
    log: () => output,
    running: () => child,
    async start() {
      const started = launch()
      child = started
      started.stderr?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-logLimit)
      })
      const exited = new AbortController()
      started.once('exit', () => exited.abort())
      await ready(started, exited.signal).catch(() => {
        // Killed while it started, by whom it may concern; or it gave up.
        if (child === started) throw new Error(`${name} ended at its start:\n${output}`)
      })
    },
    end,
    async dispose() {
      await end('SIGTERM')
      process.off('exit', onExit)
    },
  }
}
