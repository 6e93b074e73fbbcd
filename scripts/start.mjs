// npm start: installs what is missing, builds what is stale, then runs the app in the foreground.
import './node-version.mjs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './install.mjs'
import { root } from './run.mjs'

const parentCheckMs = 1_000

await ensureInstalled()
if (!(await ensureBuilt())) {
  console.error('The build failed; see the messages above.')
  process.exit(1)
}
process.exit(await runApp())

/** @returns exit code; 0 after Ctrl-C or a SIGTERM that the app obeyed */
async function runApp() {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', path.join(root, 'apps/selfhost/dist/main.js')],
    {
      cwd: root,
      env: { NODE_ENV: 'production', ...process.env },
      // Closing the channel tells the app that this process is gone, even after kill -9.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  stopWithParent(child)
  const [code] = await once(child, 'exit')
  return code ?? 1
}

/** npm hands a signal to its shell, which may die of it without passing it on. */
function stopWithParent(child) {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, parentCheckMs).unref()
}
