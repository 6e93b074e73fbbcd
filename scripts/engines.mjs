import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { installByApt, mayInstall, which } from './apt.mjs'
import { run } from './run.mjs'

const language = 'en_US.UTF-8'

/** Debian's packages of the engines besides Chromium, and whether they can be used. */
const engines = [
  {
    project: 'firefox',
    name: 'Firefox',
    packages: ['firefox-esr'],
    runs: () => answers(process.env.FIREFOX_PATH ?? 'firefox-esr', ['--version']),
  },
  {
    project: 'webkit',
    name: 'WebKit',
    packages: ['webkit2gtk-driver', 'xvfb', 'locales'],
    runs: () =>
      answers('WebKitWebDriver', ['--help']) &&
      which('Xvfb') !== undefined &&
      hasMiniBrowser() &&
      hasLanguage(),
  },
]

/**
 * Finds Firefox and WebKit, or installs them where that is allowed.
 *
 * @returns {Promise<{ projects: string[], missing: string[] }>} the engines that run here, and a
 *   line for each that does not: which, why, and what to do
 */
export async function ensureEngines() {
  const projects = []
  const missing = []
  for (const { project, name, packages, runs } of engines) {
    if (!runs() && mayInstall()) {
      await installByApt(packages)
      if (packages.includes('locales')) await makeLanguage()
    }
    if (runs()) projects.push(project)
    else missing.push(`${name} (${reason(packages)})`)
  }
  return { projects, missing }
}

function reason(packages) {
  const names = packages.join(', ')
  return mayInstall()
    ? `not there after installing ${names}: see the messages of apt-get`
    : `not installed, and may not be by this user: apt-get install ${packages.join(' ')}`
}

/** WebKit speaks the language of the machine; a bare one has none. */
async function makeLanguage() {
  if (hasLanguage()) return
  const file = '/etc/locale.gen'
  const known = await readFile(file, 'utf8').catch(() => '')
  await writeFile(file, `${known}\n${language} UTF-8\n`)
  await run('locale-gen', [], { timeoutMs: 120_000 })
}

function hasLanguage() {
  return /^en_US\.utf-?8$/im.test(ask('locale', ['-a']).stdout ?? '')
}

function answers(program, args) {
  return ask(program, args).status === 0
}

function ask(program, args) {
  return spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 })
}

function hasMiniBrowser() {
  return ['x86_64', 'aarch64'].some((machine) =>
    existsSync(`/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`),
  )
}
