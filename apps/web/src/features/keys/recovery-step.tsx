import { createPortal } from 'react-dom'
import { Copy, Download, Printer } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { useToast } from '../../ui/toast.tsx'
import { downloadText, kitFileName, recoveryKitText, type RecoveryKit } from './kit.ts'
import { PrintedKit } from './printed-kit.tsx'

/** Step 3: the recovery key's words, shown this once. */
export function RecoveryStep({ kit, onContinue }: { kit: RecoveryKit; onContinue: () => void }) {
  const toast = useToast()
  const copy = async () => {
    await navigator.clipboard.writeText(kit.words.join(' '))
    toast({ title: 'Recovery key copied', detail: 'Keep it away from this device.' })
  }
  return (
    <GateFrame
      title="Save your recovery key"
      step={{ index: 3, count: 4 }}
      lede="If you lose the secret key, these 24 words open your ledger. They are shown only now."
    >
      <ol
        aria-label="Recovery key"
        className="grid grid-flow-col grid-cols-2 grid-rows-12 gap-x-6 rounded-lg bg-surface px-5 py-3.5 shadow-card tab:grid-cols-3 tab:grid-rows-8"
      >
        {kit.words.map((word, at) => (
          <li key={at} data-word={at + 1} className="flex items-baseline gap-2.5 py-1">
            <span className="w-5 text-right text-sm text-ink-faint tabular-nums" aria-hidden>
              {at + 1}
            </span>
            <span className="font-medium" data-recovery-word>
              {word}
            </span>
          </li>
        ))}
      </ol>
      <div className="mt-3 grid grid-cols-3 gap-2">
        <Button
          icon={<Copy className="hidden size-4 tab:block" aria-hidden />}
          onPress={() => void copy()}
        >
          Copy
        </Button>
        <Button
          icon={<Download className="hidden size-4 tab:block" aria-hidden />}
          onPress={() => downloadText(kitFileName, recoveryKitText(kit))}
        >
          Download
        </Button>
        <Button
          icon={<Printer className="hidden size-4 tab:block" aria-hidden />}
          onPress={() => window.print()}
        >
          Print
        </Button>
      </div>
      <p className="mt-4 text-sm text-ink-soft">
        Whoever has these words and your account can read your ledger. Paper in a drawer is a good
        place; a photo on this phone is not. Next, you are asked for two of them.
      </p>
      <Button variant="primary" size="lg" className="mt-6 w-full" onPress={onContinue}>
        Continue
      </Button>
      {createPortal(<PrintedKit kit={kit} />, document.body)}
    </GateFrame>
  )
}
