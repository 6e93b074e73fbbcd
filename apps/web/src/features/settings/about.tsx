import { useEffect, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Badge, Card } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'
import { Row } from './row.tsx'

interface StorageFacts {
  readonly usedBytes: number | null
  readonly isKept: boolean
}

/** What this device holds, and whether the browser may throw it away. */
export function AboutCard() {
  const toast = useToast()
  const [facts, setFacts] = useState<StorageFacts | null>(null)
  useEffect(() => {
    let isGone = false
    void readStorage().then((read) => {
      if (!isGone) setFacts(read)
    })
    return () => {
      isGone = true
    }
  }, [])

  const keep = async () => {
    const isKept = await navigator.storage.persist()
    setFacts(await readStorage())
    toast(
      isKept
        ? { title: 'The browser keeps your ledger' }
        : { title: 'The browser declined', detail: 'Installing the app helps.', tone: 'problem' },
    )
  }

  return (
    <Card flush>
      <Row
        title="Storage"
        detail={
          facts === null || facts.usedBytes === null
            ? 'An encrypted copy of your ledger.'
            : `${formatBytes(facts.usedBytes)} in use, with an encrypted copy of your ledger.`
        }
      >
        {facts !== null &&
          (facts.isKept ? (
            <Badge tone="accent">Kept by the browser</Badge>
          ) : (
            <Button size="sm" onPress={() => void keep()}>
              Ask the browser to keep it
            </Button>
          ))}
      </Row>
      <Row
        title="Sealbook"
        detail="Open source under the MIT licence. Amounts, names and notes are sealed on this device before they are sent."
      />
    </Card>
  )
}

async function readStorage(): Promise<StorageFacts> {
  const [estimate, isKept] = await Promise.all([
    navigator.storage.estimate(),
    navigator.storage.persisted(),
  ])
  return { usedBytes: estimate.usage ?? null, isKept }
}

function formatBytes(bytes: number): string {
  const megabytes = bytes / 1_000_000
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: 'megabyte',
    maximumFractionDigits: megabytes < 10 ? 1 : 0,
  }).format(megabytes)
}
