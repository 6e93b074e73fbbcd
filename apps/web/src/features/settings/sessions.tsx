import { useCallback, useEffect, useState } from 'react'
import { Laptop, Smartphone } from 'lucide-react'
import { serverFailureSentence } from '../../data/server-failure.ts'
import { useSession } from '../../data/session-context.tsx'
import type { AccountSession } from '../../data/session-types.ts'
import { deviceLocale } from '../../platform/locale.ts'
import { Button } from '../../ui/button.tsx'
import { keepFocusInList } from '../../ui/list-focus.ts'
import { Skeleton } from '../../ui/progress.tsx'
import { Badge, Card } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'
import { deviceName } from './user-agent.ts'

type Listing =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly sentence: string }
  | { readonly kind: 'loaded'; readonly sessions: readonly AccountSession[] }

/** Every place where the account is signed in; any but this one can be ended. */
export function SessionsCard() {
  const session = useSession()
  const toast = useToast()
  const [listing, setListing] = useState<Listing>({ kind: 'loading' })
  const [revokingId, setRevokingId] = useState<string | null>(null)

  const load = useCallback(async (): Promise<Listing> => {
    const result = await session.listSessions()
    return result.ok
      ? { kind: 'loaded', sessions: result.value }
      : { kind: 'failed', sentence: serverFailureSentence(result.error) }
  }, [session])

  useEffect(() => {
    let isGone = false
    void load().then((loaded) => {
      if (!isGone) setListing(loaded)
    })
    return () => {
      isGone = true
    }
  }, [load])

  const revoke = async (id: string) => {
    setRevokingId(id)
    const result = await session.revokeSession(id)
    if (!result.ok) toast({ title: serverFailureSentence(result.error), tone: 'problem' })
    setListing(await load())
    setRevokingId(null)
  }

  return (
    <Card flush>
      {listing.kind === 'loading' && (
        <div className="flex min-h-19 items-center px-5 tab:px-6">
          <Skeleton className="h-4 w-48" />
        </div>
      )}
      {listing.kind === 'failed' && (
        <div className="flex min-h-19 flex-wrap items-center justify-between gap-3 px-5 py-3 tab:px-6">
          <p className="text-sm text-ink-soft">{listing.sentence}</p>
          <Button size="sm" onPress={() => void load().then(setListing)}>
            Try again
          </Button>
        </div>
      )}
      {listing.kind === 'loaded' && (
        <ul>
          {listing.sessions.map((place) => (
            <SessionRow
              key={place.id}
              session={place}
              isRevoking={revokingId === place.id}
              onRevoke={() => void revoke(place.id)}
            />
          ))}
        </ul>
      )}
    </Card>
  )
}

function SessionRow({
  session,
  isRevoking,
  onRevoke,
}: {
  session: AccountSession
  isRevoking: boolean
  onRevoke: () => void
}) {
  const name = deviceName(session.userAgent)
  const Icon = /Android|iPhone/.test(name) ? Smartphone : Laptop
  const seen = new Intl.DateTimeFormat(deviceLocale(), { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <li
      ref={keepFocusInList}
      className="flex items-center gap-4 border-b border-line px-5 py-4 last:border-0 tab:px-6"
    >
      <Icon className="size-5 shrink-0 text-ink-faint" aria-hidden />
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-medium">
          {name}
          {session.current && <Badge tone="accent">This device</Badge>}
        </p>
        <p className="text-sm text-ink-soft">
          {Number.isFinite(session.lastSeenAt)
            ? `Last seen ${seen.format(session.lastSeenAt)}`
            : 'Last seen at an unknown time'}
        </p>
      </div>
      {!session.current && (
        <Button
          variant="danger-ghost"
          size="sm"
          isPending={isRevoking}
          aria-label={`Sign out ${name}`}
          onPress={onRevoke}
        >
          Sign out
        </Button>
      )}
    </li>
  )
}
