// Runs the compiler over every workspace, two at a time.
import './node-version.mjs'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { root, run } from './run.mjs'

const parallel = 2
const compiler = path.join(root, 'node_modules/typescript/bin/tsc')

const waiting = (await Promise.all(['packages', 'apps'].map(listProjects))).flat()
const failed = []
await Promise.all(Array.from({ length: parallel }, checkNext))
if (failed.length > 0) {
  console.error(`Type errors in ${failed.join(', ')}`)
  process.exit(1)
}

async function checkNext() {
  for (let project = waiting.shift(); project; project = waiting.shift()) {
    const code = await run(process.execPath, [compiler, '-p', project])
    console.log(`${code === 0 ? 'ok    ' : 'failed'} ${project}`)
    if (code !== 0) failed.push(project)
  }
}

async function listProjects(folder) {
  const names = await readdir(path.join(root, folder))
  return names
    .map((name) => `${folder}/${name}`)
    .filter((project) => existsSync(path.join(root, project, 'tsconfig.json')))
}
