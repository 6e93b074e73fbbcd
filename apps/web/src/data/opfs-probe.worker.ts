/**
 * Does once what SQLite does all the time: only a Worker can open a file of the origin's private
 * file system for reading and writing at once, and some browsers give out the folder but not that.
 */
async function probe(): Promise<boolean> {
  const root = await navigator.storage.getDirectory()
  const name = `.probe-${crypto.randomUUID()}`
  try {
    const file = await root.getFileHandle(name, { create: true })
    const handle = await file.createSyncAccessHandle()
    try {
      const isWritten = handle.write(new Uint8Array([1]), { at: 0 }) === 1
      handle.flush()
      return isWritten && handle.getSize() === 1
    } finally {
      handle.close()
    }
  } finally {
    await root.removeEntry(name).catch(() => undefined)
  }
}

probe().then(
  (works) => self.postMessage(works),
  () => self.postMessage(false),
)
