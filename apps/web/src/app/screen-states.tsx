import type { ErrorComponentProps } from '@tanstack/react-router'
import { Compass, TriangleAlert } from 'lucide-react'
import { Button, LinkButton } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { Skeleton } from '../ui/progress.tsx'
import { EmptyState } from '../ui/surface.tsx'

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

/** A screen that failed. The ledger itself is untouched. */
export function ScreenFailure({ reset }: ErrorComponentProps) {
  return (
    <Page>
      <EmptyState
        icon={<TriangleAlert aria-hidden />}
        title="This screen failed"
        action={
          <Button variant="primary" onPress={reset}>
            Try again
          </Button>
        }
      >
        Your data is safe on this device. If it happens again, reload the app.
      </EmptyState>
    </Page>
  )
}

export function NotFound() {
  return (
    <Page>
      <EmptyState
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
