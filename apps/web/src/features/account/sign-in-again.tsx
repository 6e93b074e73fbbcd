import { useState } from 'react'
import { LogIn } from 'lucide-react'
import { useSession } from '../../data/session-context.tsx'
import type { SignInAgainError } from '../../data/session-types.ts'
import { Button } from '../../ui/button.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { SecretField } from '../../ui/text-field.tsx'
import { authMessage, type AuthMessage } from './auth-sentence.ts'

/** A button that signs the same person in again, over whatever is on the screen. */
export function SignInAgain({ email, size }: { email: string; size?: 'sm' | 'md' | 'lg' }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button
        {...(size === undefined ? {} : { size })}
        variant="primary"
        icon={<LogIn className="size-4" aria-hidden />}
        onPress={() => setOpen(true)}
      >
        Sign in
      </Button>
      {isOpen && <SignInAgainDialog email={email} onClose={() => setOpen(false)} />}
    </>
  )
}

function SignInAgainDialog({ email, onClose }: { email: string; onClose: () => void }) {
  const session = useSession()
  const [password, setPassword] = useState('')
  const [isPending, setPending] = useState(false)
  const [message, setMessage] = useState<AuthMessage | null>(null)

  const submit = async () => {
    setPending(true)
    setMessage(null)
    const result = await session.signInAgain(password)
    if (result.ok) return onClose()
    setMessage(againMessage(result.error))
    setPending(false)
  }
  const send = () => {
    if (password === '') setMessage({ field: 'password', text: 'Enter your password.' })
    else if (!isPending) void submit()
  }

  return (
    <FormDialog
      title="Sign in again"
      failure={message?.field === null ? message.text : null}
      isChanged={password !== ''}
      onSubmit={send}
      onClose={onClose}
      buttons={
        <>
          <Button onPress={onClose}>Not now</Button>
          <Button type="submit" variant="primary" isPending={isPending}>
            Sign in
          </Button>
        </>
      }
    >
      <p className="text-ink-soft">
        Your session on the server has ended. Sign in as{' '}
        <span className="font-medium break-words text-ink">{email}</span> to send and receive again.
        What is on this device stays as it is.
      </p>
      <input type="hidden" name="email" autoComplete="username" value={email} readOnly />
      <SecretField
        what="password"
        label="Password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        error={message?.field === 'password' ? message.text : undefined}
        autoFocus
      />
    </FormDialog>
  )
}

function againMessage(error: SignInAgainError): AuthMessage {
  switch (error.kind) {
    case 'wrong-credentials':
      return {
        field: null,
        text: 'The server does not take this email and password. If it was set up anew, your account is gone from it. Your ledger stays on this device all the same.',
      }
    case 'other-account':
      return {
        field: null,
        text: 'The server knows this email as another account, whose ledger is not this one. Nothing was mixed, and you are not signed in. To use the other account here, sign out first; that removes this ledger from the device.',
      }
    case 'email-taken':
    case 'invalid-email':
    case 'password-too-short':
    case 'password-too-long':
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return authMessage(error)
  }
}
