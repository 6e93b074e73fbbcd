import { useCallback, useEffect, useState } from 'react'
import type { LeftLedger } from '../../data/device-store.ts'
import { useSession } from '../../data/session-context.tsx'
import { countText } from '../../platform/locale.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Section } from '../../ui/page.tsx'
import { Card } from '../../ui/surface.tsx'
import { Row } from './row.tsx'

/** Ledgers of other accounts in this browser, each removable. Nothing where there are none. */
export function LeftLedgers() {
  const session = useSession()
  const [left, setLeft] = useState<readonly LeftLedger[]>([])
  const [asked, setAsked] = useState<LeftLedger | null>(null)
  const [isPending, setPending] = useState(false)
  const load = useCallback(() => session.listLeftLedgers(), [session])

  useEffect(() => {
    let isGone = false
    void load().then((found) => {
      if (!isGone) setLeft(found)
    })
    return () => {
      isGone = true
    }
  }, [load])

  const remove = async (ledger: LeftLedger) => {
    setPending(true)
    await session.removeLeftLedger(ledger)
    setLeft(await load())
    setPending(false)
    setAsked(null)
  }

  if (left.length === 0) return null
  return (
    <Section title="Other ledgers in this browser">
      <Card flush>
        {left.map((ledger) => (
          <Row key={ledger.userId} title={ownerWords(ledger)} detail={leftWords(ledger)}>
            <Button
              variant="danger-ghost"
              size="sm"
              aria-label={`Remove what is left of ${ownerWords(ledger)}`}
              onPress={() => setAsked(ledger)}
            >
              Remove
            </Button>
          </Row>
        ))}
      </Card>
      <ConfirmDialog
        title="Remove this ledger?"
        isOpen={asked !== null}
        onOpenChange={() => setAsked(null)}
        confirmLabel="Remove it"
        isPending={isPending}
        onConfirm={() => {
          if (asked !== null) void remove(asked)
        }}
      >
        {asked !== null && <p>{warning(asked)}</p>}
      </ConfirmDialog>
    </Section>
  )
}

function ownerWords({ email }: LeftLedger): string {
  return email ?? 'An account whose address was not kept'
}

function leftWords({ database, unsent }: LeftLedger): string {
  if (database === null) return 'Sealed keys only, no ledger.'
  if (unsent === null) return 'An encrypted ledger. It is not known whether all of it was sent.'
  if (unsent === 0) return 'An encrypted ledger. All changes had been sent when it was last open.'
  return `An encrypted ledger with ${changes(unsent)} that had not been sent.`
}

function warning({ database, unsent }: LeftLedger): string {
  if (database === null) return 'The sealed keys of this account are removed from this browser.'
  const removed = 'The encrypted ledger and its sealed keys are removed from this browser.'
  if (unsent === null)
    return `${removed} It is not known whether it holds changes that never reached the server; those would be lost.`
  if (unsent === 0)
    return `${removed} When it was last open here, all its changes had reached the server.`
  return `${removed} It holds ${changes(unsent)} that never reached the server: ${unsent === 1 ? 'it is' : 'they are'} lost for good.`
}

function changes(count: number): string {
  return count === 1 ? '1 change' : `${countText(count)} changes`
}
