import { existsSync, readFileSync } from 'node:fs'
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { createFormFinder, type FormFinder } from './form-finder.ts'
import { formsOf, type SoughtKey } from './sought-keys.ts'

/** A process of a browser, and what of the keys stands anywhere in its memory. */
export interface SearchedProcess {
  readonly pid: number
  /** `browser`, `renderer`, `gpu-process`, `utility`, `zygote`. */
  readonly type: string
  /** Names of the keys, and in which form. */
  readonly found: readonly string[]
}

/** Null where the memory of processes can be read; else why not. */
export function whyNoMemorySearch(): string | null {
  if (process.platform !== 'linux') return 'only Linux lets a test read a process’s memory'
  const restriction = '/proc/sys/kernel/yama/ptrace_scope'
  const scope = existsSync(restriction) ? Number(readFileSync(restriction, 'latin1')) : 0
  const isAllowed = scope <= 1 || (scope === 2 && process.getuid?.() === 0)
  return isAllowed ? null : `this system forbids it: ptrace_scope is ${scope}`
}

/**
 * Reads all memory that a process and its children could write to: what is in use, what was freed
 * and not used again, and the memory of WebAssembly.
 */
export async function searchMemory(
  pid: number,
  keys: readonly SoughtKey[],
): Promise<SearchedProcess[]> {
  const finder = createFormFinder(keys.flatMap(formsOf))
  const searched: SearchedProcess[] = []
  for (const each of await familyOf(pid)) {
    const found = await searchProcess(each, finder).catch((error: unknown) => {
      if (isGone(error)) return null
      throw error
    })
    if (found === null) continue
    searched.push({ pid: each, type: await typeOf(each), found: [...found] })
  }
  return searched
}

async function familyOf(pid: number): Promise<number[]> {
  const childrenByParent = new Map<number, number[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // The program's name before it, in brackets, may have spaces.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    childrenByParent.set(parent, [...(childrenByParent.get(parent) ?? []), Number(name)])
  }
  const family = [pid]
  for (const member of family) family.push(...(childrenByParent.get(member) ?? []))
  return family
}

async function typeOf(pid: number): Promise<string> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
  return /--type=([\w-]+)/.exec(command)?.[1] ?? 'browser'
}

const blockBytes = 16 * 1024 * 1024

async function searchProcess(pid: number, finder: FormFinder): Promise<Set<string>> {
  const found = new Set<string>()
  const ranges = await writtenRanges(pid)
  const memory = await open(`/proc/${pid}/mem`, 'r')
  try {
    for (const { start, end } of ranges)
      for (let at = start; at < end; at += blockBytes) {
        const length = Math.min(blockBytes + finder.overlap, end - at)
        for (const name of finder.find(await readBlock(memory, at, length), blockBytes))
          found.add(name)
      }
  } finally {
    await memory.close()
  }
  return found
}

interface MemoryRange {
  readonly start: number
  readonly end: number
}

/** What of the mappings that the process may write to is in memory: reserved space is many times as large. */
async function writtenRanges(pid: number): Promise<MemoryRange[]> {
  const ranges: MemoryRange[] = []
  const pages = await open(`/proc/${pid}/pagemap`, 'r')
  try {
    for (const line of (await readFile(`/proc/${pid}/maps`, 'latin1')).split('\n')) {
      const [, start = '', end = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (start === '') continue
      ranges.push(...(await presentRanges(pages, parseInt(start, 16), parseInt(end, 16))))
    }
  } finally {
    await pages.close()
  }
  return ranges
}

const pageBytes = 4_096
const entryBytes = 8
/** Of an entry's highest byte: the page is in memory, or it is swapped out. */
const isPresent = 0b1100_0000

async function presentRanges(
  pages: FileHandle,
  start: number,
  end: number,
): Promise<MemoryRange[]> {
  const count = (end - start) / pageBytes
  const entries = await readBlock(pages, (start / pageBytes) * entryBytes, count * entryBytes)
  const ranges: MemoryRange[] = []
  let from: number | null = null
  for (let page = 0; page <= count; page += 1) {
    const isThere = ((entries[page * entryBytes + entryBytes - 1] ?? 0) & isPresent) !== 0
    if (isThere) from ??= start + page * pageBytes
    else if (from !== null) {
      ranges.push({ start: from, end: start + page * pageBytes })
      from = null
    }
  }
  return ranges
}

/** What was given back while reading is empty. */
async function readBlock(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file
      .read(block, filled, length - filled, at + filled)
      .catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'EIO') return { bytesRead: 0 }
        throw error
      })
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return block.subarray(0, filled)
}

/** The process ended. */
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')
}
