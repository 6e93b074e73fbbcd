/** Sent by the server as a sandboxed page; it leads back by itself. */
const stop = '/leave.html'
/** Where nothing answers in this time, the app would not come back. */
const answerTimeoutMs = 3_000

/**
 * Ends this document and starts the app anew at the same address. Overwriting reaches no string and
 * nothing that a library copied: only the end of the document, and of its process where the browser
 * gives the next one another, takes all of it (ADR 48).
 * @returns false when the app's pages cannot be had now; the document then stays.
 */
export async function endDocument(): Promise<boolean> {
  if (!(await canComeBack())) return false
  const { pathname, search, hash } = window.location
  window.location.replace(`${stop}#${pathname}${search}${hash}`)
  return true
}

/** From the service worker without a network too. */
async function canComeBack(): Promise<boolean> {
  try {
    return (await fetch(stop, { signal: AbortSignal.timeout(answerTimeoutMs) })).ok
  } catch {
    return false
  }
}
