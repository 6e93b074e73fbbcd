import { CircleAlert, TriangleAlert } from 'lucide-react'
import { useSession } from '../../data/session-context.tsx'
import type { PendingKeys } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { Notice } from '../../ui/surface.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { SecretKeyChooser } from './secret-key-chooser.tsx'
import { useSecretKeyForm } from './use-secret-key-form.ts'

/** Step 2: the secret key. Derives it, and makes the keys in memory. */
export function SecretKeyStep({ onPrepared }: { onPrepared: (keys: PendingKeys) => void }) {
  const session = useSession()
  const form = useSecretKeyForm(async (secretKey) => {
    const prepared = await session.prepareKeys(secretKey)
    if (!prepared.ok) {
      return 'This device has not enough free memory to make the key. Close other apps.'
    }
    onPrepared(prepared.value)
    return null
  })

  return (
    <GateFrame
      title="Choose your secret key"
      step={{ index: 2, count: 4 }}
      lede="It seals everything you write, here on your device. You enter it once on each new device."
    >
      <form className="flex flex-col gap-4" onSubmit={form.send} noValidate>
        {form.failure !== null && (
          <Notice tone="danger" isAlert icon={<CircleAlert aria-hidden />}>
            {form.failure}
          </Notice>
        )}
        <SecretKeyChooser {...form.chooser} />
        <Notice tone="warning" icon={<TriangleAlert aria-hidden />}>
          <strong className="font-semibold">Nobody can reset it.</strong> We never see this key. If
          you lose it and the recovery key, what you wrote stays sealed for ever.
        </Notice>
        <Checkbox
          isSelected={form.isSaved}
          onChange={form.setSaved}
          isInvalid={form.wasSent && !form.isSaved}
        >
          I have saved my secret key
        </Checkbox>
        <Button
          type="submit"
          variant="primary"
          size="lg"
          isPending={form.isPending}
          isDisabled={!form.isSaved}
        >
          Continue
        </Button>
      </form>
    </GateFrame>
  )
}
