import type { ErrorComponentProps } from '@tanstack/react-router'
import { Compass, TriangleAlert } from 'lucide-react'
import { Button, LinkButton } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { Skeleton } from '../ui/progress.tsx'
import { EmptyState } from '../ui/surface.tsx'
import { isMissingFile, nameOf } from './start-state.ts'

/** While a screen's code is loaded for the first time. */
export function ScreenPending() {
  return (
    <Page>
      <div className="flex min-h-11 items-center">
        <Skeleton className="h-7 w-44" />
      </div>
    </Page>
  )
}

/** A screen that failed. What it had written before is not known here, so nothing is promised. */
export function ScreenFailure({ error, reset }: ErrorComponentProps) {
  const isMissing = isMissingFile(error)
  return (
    <Page>
      <EmptyState
        isPage
        icon={<TriangleAlert aria-hidden />}
        title={isMissing ? 'This screen did not load' : 'This screen failed'}
        action={
          <div className="flex flex-wrap justify-center gap-2.5">
            {/* A file that did not come is asked for again only by a new page. */}
            <Button variant="primary" onPress={isMissing ? () => window.location.reload() : reset}>
              Try again
            </Button>
            <LinkButton href="/diagnostics">Diagnostics</LinkButton>
          </div>
        }
      >
        {isMissing
          ? 'A file of the app did not come. Check the network, then try again.'
          : `It met an error that it does not know (${nameOf(error)}). A form that was open may not have been saved: look for it. If it happens again, Diagnostics compares this device with the server and makes a report.`}
      </EmptyState>
    </Page>
  )
}

export function NotFound() {
  return (
    <Page>
      <EmptyState
        isPage
        icon={<Compass aria-hidden />}
        title="There is nothing here"
        action={
          <LinkButton href="/" variant="primary">
            Go to the overview
          </LinkButton>
        }
      >
        The address does not belong to any screen.
      </EmptyState>
    </Page>
  )
}
