import { useSyncExternalStore } from 'react'

/** The width from which the shell has a side bar; `--breakpoint-desk` in theme.css. */
const desktopQuery = '(min-width: 56.25rem)'

/** True on a wide window; renders again when that changes. */
export function useIsDesktop(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(desktopQuery).matches)
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(desktopQuery)
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}
