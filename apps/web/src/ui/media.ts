import { useSyncExternalStore } from 'react'

/** The width from which the shell has a side bar; `--breakpoint-desk` in theme.css. */
const desktopQuery = '(min-width: 56.25rem)'

/** True on a wide window; renders again when that changes. */
export function useIsDesktop(): boolean {
  return useSyncExternalStore(subscribe, () => media().matches)
}

let known: MediaQueryList | undefined

/** One for all: making one costs more than asking it. */
function media(): MediaQueryList {
  return (known ??= matchMedia(desktopQuery))
}

function subscribe(listener: () => void): () => void {
  const query = media()
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}
