import { useRef } from 'react'
import { useRegisterSW } from 'virtual:pwa-register/react'
import { useSupersede } from './session-context.tsx'

export interface AppUpdate {
  /** A newer version was downloaded and waits. */
  readonly available: boolean
  /** Starts it: this tab reloads, and the others stop and ask for it. */
  readonly apply: () => void
  readonly dismiss: () => void
}

/** Registers the service worker, and offers a new version instead of swapping it in under a person. */
export function useAppUpdate(): AppUpdate {
  const supersede = useSupersede()
  const isAskedFor = useRef(false)
  const {
    needRefresh: [available, setAvailable],
    updateServiceWorker,
  } = useRegisterSW({
    // Another tab started it: what stands in a form here is not swept away by a reload.
    onNeedReload: () => (isAskedFor.current ? window.location.reload() : supersede()),
  })
  return {
    available,
    apply: () => {
      isAskedFor.current = true
      void updateServiceWorker(true)
    },
    dismiss: () => setAvailable(false),
  }
}
