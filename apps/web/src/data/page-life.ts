/** What of this tab must rest while its page is put aside. */
export interface Resting {
  /** At once: the page may do nothing more afterwards. `isLast`: it does not go on where it was. */
  suspend(isLast: boolean): void
  resume(): void
}

/**
 * A page that the browser kept for "Back" starts anew when it is shown again. From the first line of
 * the app on: one that was left while its files came has failed to load them, and would stay so.
 */
export function startAnewWhenKept(): void {
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload()
  })
}

/**
 * A page that is left, or kept by the browser for "Back", gives its locks, files and keys back.
 * WebKit would never give a lock back that a Worker of a left page holds. A tab that the browser
 * freezes goes on where it was.
 */
export function watchPageLife(resting: Resting): void {
  window.addEventListener('pagehide', () => resting.suspend(true))
  document.addEventListener('freeze', () => resting.suspend(false))
  document.addEventListener('resume', () => resting.resume())
}
