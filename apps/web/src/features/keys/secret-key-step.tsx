import { useCallback, useState, type FormEvent } from 'react'
import { CircleAlert, TriangleAlert } from 'lucide-react'
import { useSession } from '../../data/session-context.tsx'
import type { PendingKeys } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { Notice } from '../../ui/surface.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { chosenKey, noChoice, SecretKeyChooser } from './secret-key-chooser.tsx'

/** Step 2: the secret key. Derives it, and makes the keys in memory. */
export function SecretKeyStep({ onPrepared }: { onPrepared: (keys: PendingKeys) => void }) {
  const session = useSession()
  const [choice, setChoice] = useState(noChoice)
  const [problem, setProblem] = useState<string | null>(null)
  const [isSaved, setSaved] = useState(false)
  const [wasSent, setSent] = useState(false)
  const [isPending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const onAcceptable = useCallback((found: string | null) => setProblem(found), [])

  const prepare = async () => {
    setPending(true)
    setFailure(null)
    const result = await session.prepareKeys(chosenKey(choice))
    setPending(false)
    if (result.ok) onPrepared(result.value)
    else setFailure('This device has not enough free memory to make the key. Close other apps.')
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    setSent(true)
    if (problem === null && isSaved && !isPending) void prepare()
  }

  return (
    <GateFrame
      title="Choose your secret key"
      step={{ index: 2, count: 4 }}
      lede="It seals everything you write, here on your device. You enter it once on each new device."
    >
      <form className="flex flex-col gap-4" onSubmit={send}>
        {failure !== null && (
          <Notice tone="danger" isAlert icon={<CircleAlert aria-hidden />}>
            {failure}
          </Notice>
        )}
        <SecretKeyChooser
          choice={choice}
          onChange={setChoice}
          onAcceptable={onAcceptable}
          showProblem={wasSent}
        />
        <Notice tone="warning" icon={<TriangleAlert aria-hidden />}>
          <strong className="font-semibold">Nobody can reset it.</strong> We never see this key. If
          you lose it and the recovery key, what you wrote stays sealed for ever.
        </Notice>
        <Checkbox isSelected={isSaved} onChange={setSaved} isInvalid={wasSent && !isSaved}>
          I have saved my secret key
        </Checkbox>
        <Button
          type="submit"
          variant="primary"
          size="lg"
          isPending={isPending}
          isDisabled={!isSaved}
        >
          Continue
        </Button>
      </form>
    </GateFrame>
  )
}
