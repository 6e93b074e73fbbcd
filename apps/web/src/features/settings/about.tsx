import { useEffect, useState } from 'react'
import {
  keepDeviceStorage,
  readDeviceStorage,
  type DeviceStorage,
} from '../../data/device-storage.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { formatBytes } from '../../ui/bytes.ts'
import { Badge, Card } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'
import { Row } from './row.tsx'

/** What this device holds, and whether the browser may throw it away. */
export function AboutCard() {
  const toast = useToast()
  const [facts, setFacts] = useState<DeviceStorage | null>(null)
  useEffect(() => {
    let isGone = false
    void readDeviceStorage().then((read) => {
      if (!isGone) setFacts(read)
    })
    return () => {
      isGone = true
    }
  }, [])

  const keep = async () => {
    const isKept = await keepDeviceStorage()
    setFacts(await readDeviceStorage())
    toast(
      isKept === true
        ? { title: 'The browser keeps your ledger' }
        : { title: 'The browser declined', detail: 'Installing the app helps.', tone: 'problem' },
    )
  }

  return (
    <Card flush>
      <Row title="Storage" detail={storageSentence(facts)}>
        {facts?.isKept === true && <Badge tone="accent">Kept by the browser</Badge>}
        {facts?.isKept === false && (
          <Button size="sm" onPress={() => void keep()}>
            Ask the browser to keep it
          </Button>
        )}
      </Row>
      <Row
        title="Diagnostics"
        detail="Compares this device with the server, row by row, and repairs what differs."
      >
        <LinkButton href="/diagnostics" size="sm">
          Open
        </LinkButton>
      </Row>
      <Row
        title="Sealbook"
        detail="Open source under the MIT licence. Amounts, names and notes are sealed on this device before they are sent."
      />
    </Card>
  )
}

function storageSentence(facts: DeviceStorage | null): string {
  if (facts === null) return 'An encrypted copy of your ledger.'
  const { usedBytes, isKept } = facts
  const used =
    usedBytes === null
      ? 'An encrypted copy of your ledger.'
      : `${formatBytes(usedBytes)} in use, with an encrypted copy of your ledger.`
  if (isKept !== null) return used
  return `${used} This browser does not say whether it keeps it: stay in sync, so that the server has a sealed copy.`
}
