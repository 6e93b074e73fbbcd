import { useState } from 'react'
import { CircleAlert, KeyRound } from 'lucide-react'
import { serverFailureSentence } from '../../data/server-failure.ts'
import { useSession } from '../../data/session-context.tsx'
import type { ChangeKeyError } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { SecretKeyChooser } from './secret-key-chooser.tsx'
import { useSecretKeyForm } from './use-secret-key-form.ts'

/** A button that changes the secret key; the recovery key and the data stay as they are. */
export function ChangeSecretKey() {
  const [isOpen, setOpen] = useState(false)
  const [isTouched, setTouched] = useState(false)
  return (
    <>
      <Button
        icon={<KeyRound className="size-4" aria-hidden />}
        onPress={() => {
          setTouched(false)
          setOpen(true)
        }}
      >
        Change secret key
      </Button>
      <Dialog
        title="Change secret key"
        isOpen={isOpen}
        onOpenChange={setOpen}
        isChanged={isTouched}
      >
        <ChangeForm onTouch={() => setTouched(true)} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  )
}

function ChangeForm({ onTouch, onDone }: { onTouch: () => void; onDone: () => void }) {
  const session = useSession()
  const toast = useToast()
  const form = useSecretKeyForm(async (secretKey) => {
    const changed = await session.changeSecretKey(secretKey)
    if (!changed.ok) return changeSentence(changed.error)
    toast({
      title: 'Secret key changed',
      detail: 'Your other devices ask for it at the next unlock.',
    })
    onDone()
    return null
  })

  return (
    <form className="contents" onInput={onTouch} onSubmit={form.send} noValidate>
      <DialogBody>
        {form.failure !== null && (
          <Notice tone="danger" isAlert icon={<CircleAlert aria-hidden />}>
            {form.failure}
          </Notice>
        )}
        <p className="text-ink-soft">
          Your ledger stays as it is; only its lock changes. The recovery key keeps working.
        </p>
        <SecretKeyChooser {...form.chooser} />
        <Checkbox isSelected={form.isSaved} onChange={form.setSaved}>
          I have saved my secret key
        </Checkbox>
      </DialogBody>
      <DialogFooter>
        <Button onPress={onDone}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          isPending={form.isPending}
          isDisabled={!form.isSaved}
        >
          Change secret key
        </Button>
      </DialogFooter>
    </form>
  )
}

function changeSentence(error: ChangeKeyError): string {
  switch (error.kind) {
    case 'version-conflict':
      return 'Another device has just changed it. Lock and unlock with the newest secret key first.'
    case 'not-enough-memory':
      return 'This device has not enough free memory to make the key. Close other apps and try again.'
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return serverFailureSentence(error)
  }
}
