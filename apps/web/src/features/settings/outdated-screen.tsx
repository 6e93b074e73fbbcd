import { useState } from 'react'
import { Check, Copy, RefreshCw } from 'lucide-react'
import type { UnsavedField } from '../../data/unsaved-fields.ts'
import { Button } from '../../ui/button.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { Notice } from '../../ui/surface.tsx'

/**
 * A newer version runs in another tab. Not loaded lazily: by now the files of this version may be
 * gone. What stood in an open form is shown, as it was not saved.
 */
export function OutdatedScreen({ unsaved }: { unsaved: readonly UnsavedField[] }) {
  return (
    <GateFrame
      title="This tab is out of date"
      lede="A newer version of Sealbook is open in this browser, so this tab has stopped. Reload it to go on."
    >
      <div role="alert" className="flex flex-col gap-5">
        {unsaved.length > 0 && <Unsaved fields={unsaved} />}
        <Button
          variant="primary"
          size="lg"
          autoFocus
          icon={<RefreshCw className="size-4.5" aria-hidden />}
          onPress={() => window.location.reload()}
        >
          Reload
        </Button>
      </div>
    </GateFrame>
  )
}

function Unsaved({ fields }: { fields: readonly UnsavedField[] }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    const lines = fields.map(({ label, value }) => `${label}: ${value}`)
    await navigator.clipboard.writeText(lines.join('\n'))
    setCopied(true)
  }
  return (
    <Notice tone="warning">
      <p className="font-medium">The open form was not saved. It had:</p>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-ink">
        {fields.map(({ label, value }, at) => (
          <div key={at} className="contents">
            <dt className="text-ink-soft">{label}</dt>
            <dd className="break-words whitespace-pre-wrap">{value}</dd>
          </div>
        ))}
      </dl>
      <Button
        size="sm"
        className="mt-3"
        icon={
          isCopied ? (
            <Check className="size-4" aria-hidden />
          ) : (
            <Copy className="size-4" aria-hidden />
          )
        }
        onPress={() => void copy()}
      >
        {isCopied ? 'Copied' : 'Copy it'}
      </Button>
    </Notice>
  )
}
