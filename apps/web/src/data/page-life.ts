/** What of this tab must rest while its page is put aside. */
export interface Resting {
  /** At once: the page may do nothing more afterwards. `isLast`: it does not go on where it was. */
  suspend(isLast: boolean): void
  resume(): void
}

/**
 * A page that is left, or kept by the browser for "Back", gives its locks, files and keys back, and
 * one that is kept starts anew when it is shown again. WebKit would never give a lock back that a
 * Worker of a left page holds. A tab that the browser freezes goes on where it was.
 */
export function watchPageLife(resting: Resting): void {
  window.addEventListener('pagehide', () => resting.suspend(true))
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload()
  })
  document.addEventListener('freeze', () => resting.suspend(false))
  document.addEventListener('resume', () => resting.resume())
}
