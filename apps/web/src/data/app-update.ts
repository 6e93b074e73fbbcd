import { useRegisterSW } from 'virtual:pwa-register/react'

export interface AppUpdate {
  /** A newer version was downloaded and waits. */
  readonly available: boolean
  /** Starts it: every tab of the app reloads. */
  readonly apply: () => void
  readonly dismiss: () => void
}

/** Registers the service worker, and offers a new version instead of swapping it in under a person. */
export function useAppUpdate(): AppUpdate {
  const {
    needRefresh: [available, setAvailable],
    updateServiceWorker,
  } = useRegisterSW()
  return {
    available,
    apply: () => void updateServiceWorker(true),
    dismiss: () => setAvailable(false),
  }
}
