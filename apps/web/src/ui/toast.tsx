import { createContext, use, useMemo, useState, type ReactNode } from 'react'
import {
  Button as AriaButton,
  Text,
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components'
import { CircleAlert, CircleCheck, X } from 'lucide-react'

/** A short word about what has just happened. */
export interface Toast {
  readonly title: string
  readonly detail?: string
  readonly tone?: 'done' | 'problem'
  /** For instance Undo. */
  readonly action?: { readonly label: string; readonly onAction: () => void }
}

export type ShowToast = (toast: Toast) => void

const visibleMs = 6_000
const ToastContext = createContext<ShowToast | null>(null)

/** @throws outside a ToastProvider. */
export function useToast(): ShowToast {
  const show = use(ToastContext)
  if (show === null) throw new Error('useToast needs a ToastProvider above it')
  return show
}

/** Keeps and shows toasts: top right on a desktop, above the tab bar on a phone. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [queue] = useState(() => new ToastQueue<Toast>({ maxVisibleToasts: 3 }))
  const show = useMemo<ShowToast>(
    () => (toast) => void queue.add(toast, { timeout: visibleMs }),
    [queue],
  )
  return (
    <ToastContext value={show}>
      {children}
      <ToastRegion
        queue={queue}
        className="print:hidden fixed inset-x-4 bottom-[calc(var(--tab-bar-height)+var(--safe-bottom)+1rem)] z-50 mx-auto flex max-w-100 flex-col gap-2 rounded-lg outline-none desk:inset-x-auto desk:right-6 desk:bottom-6 desk:w-100"
      >
        {({ toast }) => (
          <AriaToast
            toast={toast}
            className="flex min-h-13 animate-rise-in items-center gap-3 rounded-lg bg-ink py-2 pr-2 pl-4 text-paper shadow-float"
          >
            {toast.content.tone === 'problem' ? (
              <CircleAlert className="size-5 shrink-0" aria-hidden />
            ) : (
              <CircleCheck className="size-5 shrink-0" aria-hidden />
            )}
            <ToastContent className="min-w-0 grow py-1">
              <Text slot="title" className="block text-base font-medium">
                {toast.content.title}
              </Text>
              {toast.content.detail !== undefined && (
                <Text slot="description" className="block text-sm opacity-80">
                  {toast.content.detail}
                </Text>
              )}
            </ToastContent>
            {toast.content.action !== undefined && (
              <AriaButton
                onPress={() => {
                  toast.content.action?.onAction()
                  queue.close(toast.key)
                }}
                className="h-10 cursor-pointer rounded-md px-3 text-base font-semibold underline underline-offset-3 outline-offset-0"
              >
                {toast.content.action.label}
              </AriaButton>
            )}
            <AriaButton
              slot="close"
              aria-label="Dismiss"
              className="grid size-10 shrink-0 cursor-pointer place-items-center rounded-md opacity-70 data-hovered:opacity-100"
            >
              <X className="size-4.5" aria-hidden />
            </AriaButton>
          </AriaToast>
        )}
      </ToastRegion>
    </ToastContext>
  )
}
