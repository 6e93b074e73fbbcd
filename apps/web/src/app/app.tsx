import { RouterProvider } from '@tanstack/react-router'
import { I18nProvider } from 'react-aria-components'
import { SessionProvider } from '../data/session-context.tsx'
import type { SessionStore } from '../data/session-types.ts'
import { deviceLocale } from '../platform/locale.ts'
import { ToastProvider } from '../ui/toast.tsx'
import { createAppRouter } from './router.tsx'

const router = createAppRouter()

/** Everything under the root element; `store` is all that it needs from outside. */
export function App({ store }: { store: SessionStore }) {
  return (
    <SessionProvider store={store}>
      <I18nProvider locale={deviceLocale()}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </I18nProvider>
    </SessionProvider>
  )
}
