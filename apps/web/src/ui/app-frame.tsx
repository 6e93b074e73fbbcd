import type { ReactNode } from 'react'
import { useIsDesktop } from './media.ts'

/**
 * The page's skeleton: a side bar from 900 px, otherwise a bar at the top and tabs at the bottom.
 * The window scrolls, so that a phone's own bars hide and a virtual list can use the window.
 */
export function AppFrame({
  sidebar,
  topBar,
  tabBar,
  children,
}: {
  sidebar: () => ReactNode
  topBar: () => ReactNode
  tabBar: () => ReactNode
  children: ReactNode
}) {
  const isDesktop = useIsDesktop()
  return (
    <div className="desk:grid desk:grid-cols-[16.5rem_minmax(0,1fr)] print:block">
      <a
        href="#main"
        className="sr-only z-50 print:hidden rounded-md bg-accent px-4 py-3 font-medium text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </a>
      {isDesktop && (
        <aside className="sticky top-0 flex print:hidden h-dvh flex-col overflow-y-auto border-r border-line px-4 py-5">
          {sidebar()}
        </aside>
      )}
      <div className="flex min-h-dvh min-w-0 flex-col print:block print:min-h-0">
        {!isDesktop && (
          <div className="sticky top-0 z-20 flex print:hidden h-[calc(3.5rem+var(--safe-top))] items-center justify-between gap-3 border-b border-line bg-paper/92 pt-(--safe-top) pr-2 pl-4 backdrop-blur-md">
            {topBar()}
          </div>
        )}
        <main
          id="main"
          tabIndex={-1}
          className="grow scroll-mt-16 pb-[calc(var(--tab-bar-height)+var(--safe-bottom))] outline-none desk:pb-0"
        >
          {children}
        </main>
        {!isDesktop && (
          <div className="fixed inset-x-0 bottom-0 z-20 print:hidden border-t border-line bg-surface/95 pb-(--safe-bottom) backdrop-blur-md">
            {tabBar()}
          </div>
        )}
      </div>
    </div>
  )
}
