import { useState, type FormEvent, type ReactNode } from 'react'
import { CircleAlert } from 'lucide-react'
import { useSession, useStanding } from '../../data/session-context.tsx'
import type { User } from '../../data/session-types.ts'
import { Button, TextLink } from '../../ui/button.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { Notice } from '../../ui/surface.tsx'
import { SecretField, TextArea } from '../../ui/text-field.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { LeaveButton } from './leave-button.tsx'
import { parseRecoveryWords } from './quiz.ts'
import { unlockSentence } from './unlock-sentence.ts'

/** Asks for the secret key, or for the recovery key. `signedOut` stands where the session ended. */
export function UnlockScreen({ user, signedOut }: { user: User; signedOut: ReactNode }) {
  const { isSignedOut } = useStanding()
  const [way, setWay] = useState<'secret-key' | 'recovery-key'>('secret-key')
  const isSecretKey = way === 'secret-key'
  return (
    <GateFrame
      title="Unlock your ledger"
      lede={
        <>
          {isSignedOut ? 'The ledger of' : 'Signed in as'}{' '}
          <span className="font-medium break-words text-ink">{user.email}</span>
          {isSignedOut ? ' on this device' : ''}.{' '}
          {isSecretKey
            ? 'Your secret key never leaves this device.'
            : 'The 24 words of your recovery kit open it too.'}
        </>
      }
      footer={
        <div className="flex flex-wrap items-center justify-between gap-4">
          <TextLink onPress={() => setWay(isSecretKey ? 'recovery-key' : 'secret-key')}>
            {isSecretKey ? 'Use the recovery key' : 'Use the secret key'}
          </TextLink>
          <LeaveButton />
        </div>
      }
    >
      {isSignedOut && <div className="mb-5">{signedOut}</div>}
      <UnlockForm key={way} way={way} />
    </GateFrame>
  )
}

function UnlockForm({ way }: { way: 'secret-key' | 'recovery-key' }) {
  const session = useSession()
  const [text, setText] = useState('')
  const [stayUnlocked, setStayUnlocked] = useState(false)
  const [isPending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)

  const unlock = async () => {
    setPending(true)
    setFailure(null)
    const result =
      way === 'secret-key'
        ? await session.unlock({ secretKey: text, stayUnlocked })
        : await session.unlockWithRecoveryKey({ words: parseRecoveryWords(text), stayUnlocked })
    // On success the session's state takes this screen away.
    if (!result.ok) setFailure(unlockSentence(result.error))
    setPending(false)
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '')
      setFailure(`Enter the ${way === 'secret-key' ? 'secret' : 'recovery'} key.`)
    else if (!isPending) void unlock()
  }

  return (
    <form className="flex flex-col gap-4" onSubmit={send} noValidate>
      {failure !== null && (
        <Notice tone="danger" isAlert icon={<CircleAlert aria-hidden />}>
          {failure}
        </Notice>
      )}
      {way === 'secret-key' ? (
        <SecretField
          what="secret key"
          label="Secret key"
          name="secret-key"
          autoComplete="off"
          value={text}
          onChange={setText}
          autoFocus
        />
      ) : (
        <TextArea
          label="Recovery key"
          description="24 words, in order, with spaces between them."
          rows={4}
          value={text}
          onChange={setText}
          autoComplete="off"
          spellCheck="false"
          autoFocus
        />
      )}
      <Checkbox
        isSelected={stayUnlocked}
        onChange={setStayUnlocked}
        detail="Only on a device that nobody else uses."
      >
        Stay unlocked on this device
      </Checkbox>
      <Button type="submit" variant="primary" size="lg" isPending={isPending}>
        Unlock
      </Button>
    </form>
  )
}
