import puppeteer, { type Browser, type CDPSession, type Target } from 'puppeteer-core'
import { textFormsOf, type SoughtKey } from './sought-keys.ts'

/** Something of a browser that runs scripts: a page, a dedicated, shared or service worker. */
export interface SearchedTarget {
  /** As the protocol calls it: `page`, `worker`, `shared_worker`, `service_worker`. */
  readonly type: string
  readonly url: string
  /** Names of the keys that its scripts can still reach, and in which form. */
  readonly found: readonly string[]
}

/** The targets of one browser, beside whatever else drives it. */
export interface HeapSearch {
  /**
   * Searches every string that something in any target can reach, by a heap snapshot. The bytes of
   * buffers are in no snapshot: for those the processes' memory is searched.
   */
  search(keys: readonly SoughtKey[]): Promise<SearchedTarget[]>
  /** Types of the targets that are there now, sorted, without searching them. */
  types(): Promise<string[]>
  close(): Promise<void>
}

/** @param devtools address of the browser's debugging port. */
export async function openHeapSearch(devtools: string): Promise<HeapSearch> {
  const browser = await puppeteer.connect({ browserURL: devtools, defaultViewport: null })
  return {
    async search(keys) {
      const searched: SearchedTarget[] = []
      for (const { type, url, session, detach } of await sessionsOf(browser)) {
        const found = await searchOne(session, keys)
        await detach()
        if (found !== null) searched.push({ type, url, found })
      }
      return searched
    },
    async types() {
      const all = await sessionsOf(browser)
      for (const { detach } of all) await detach()
      return [...new Set(all.map(({ type }) => type))].sort()
    },
    close: () => browser.disconnect(),
  }
}

interface OpenedTarget {
  readonly type: string
  readonly url: string
  readonly session: CDPSession
  readonly detach: () => Promise<void>
}

const scriptTypes = new Set(['page', 'shared_worker', 'service_worker'])

/** Dedicated workers are no targets of the browser: their page tells of them. */
async function sessionsOf(browser: Browser): Promise<OpenedTarget[]> {
  const opened: OpenedTarget[] = []
  for (const target of browser.targets().filter((each) => scriptTypes.has(each.type()))) {
    const session = await target.createCDPSession()
    const detach = () => session.detach().catch(() => undefined)
    opened.push({ type: target.type(), url: target.url(), session, detach })
    for (const worker of await workersOf(target))
      opened.push({
        type: 'worker',
        url: worker.url(),
        session: worker.client,
        detach: () => Promise.resolve(),
      })
  }
  return opened
}

async function workersOf(target: Target) {
  const page = await target.page()
  return page?.workers() ?? []
}

/** Null for a target that went meanwhile. */
async function searchOne(
  session: CDPSession,
  keys: readonly SoughtKey[],
): Promise<readonly string[] | null> {
  const snapshot = await takeSnapshot(session)
  if (snapshot === null) return null
  const forms = keys.flatMap((key) => textFormsOf(key))
  return forms.filter(({ bytes }) => snapshot.includes(bytes)).map(({ name }) => name)
}

async function takeSnapshot(session: CDPSession): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  const keep = ({ chunk }: { chunk: string }) => chunks.push(Buffer.from(chunk))
  session.on('HeapProfiler.addHeapSnapshotChunk', keep)
  try {
    await session.send('HeapProfiler.enable')
    await session.send('HeapProfiler.collectGarbage')
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
    await session.send('HeapProfiler.disable')
  } catch (error) {
    if (session.detached) return null
    throw error
  } finally {
    session.off('HeapProfiler.addHeapSnapshotChunk', keep)
  }
  return Buffer.concat(chunks)
}
