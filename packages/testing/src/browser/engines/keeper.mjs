// keeper.mjs FOLDER COMMAND ARGS…: runs a browser that ends with whoever started it.
//
// The one who started it holds this process's standard input. When that closes, also because its
// process was killed, the command ends with all that it started, and the folder is removed.
// The word "kill" on it ends them at once, as a power cut would, and leaves the folder.
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'

const graceMs = 3_000
const pollMs = 20

const [folder, command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
child.on('error', (error) => console.log(`kept process ended: ${error.message}`))
child.on('exit', (code) => console.log(`kept process ended: exit code ${code}`))
process.stdin.on('data', kill).on('end', end).on('error', end)
// A signal to the whole family reaches this process too, which still has to tidy up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)

async function kill() {
  while (signalAll('SIGKILL')) await delay(pollMs)
  process.exit()
}

async function end() {
  signalAll('SIGTERM')
  const deadline = Date.now() + graceMs
  while (signalAll(0) && Date.now() < deadline) await delay(pollMs)
  signalAll('SIGKILL')
  while (signalAll(0)) await delay(pollMs)
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit()
}

/** @returns {boolean} whether any of them is alive */
function signalAll(signal) {
  if (child.pid === undefined) return false
  try {
    process.kill(-child.pid, signal)
    return true
  } catch {
    return false
  }
}

function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
