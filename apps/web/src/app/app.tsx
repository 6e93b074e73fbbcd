import { RouterProvider } from '@tanstack/react-router'
import { SessionProvider } from '../data/session-context.tsx'
import type { SessionStore } from '../data/session-types.ts'
import { ToastProvider } from '../ui/toast.tsx'
import { createAppRouter } from './router.tsx'

const router = createAppRouter()

/** Everything under the root element; `store` is all that it needs from outside. */
export function App({ store }: { store: SessionStore }) {
  return (
    <SessionProvider store={store}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </SessionProvider>
  )
}
