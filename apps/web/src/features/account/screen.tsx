import { useState, type FormEvent } from 'react'
import { CircleAlert } from 'lucide-react'
import { useSession } from '../../data/session-context.tsx'
import { Button, TextLink } from '../../ui/button.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { Notice } from '../../ui/surface.tsx'
import { SecretField, TextField } from '../../ui/text-field.tsx'
import { authMessage, type AuthMessage } from './auth-sentence.ts'

const wordings = {
  'sign-in': {
    title: 'Sign in',
    lede: 'Your password opens the account. The secret key, which only you have, comes next.',
    action: 'Sign in',
    autoComplete: 'current-password',
  },
  'sign-up': {
    title: 'Create your account',
    lede: 'An email and a password let your devices find each other. They never open your ledger.',
    action: 'Create account',
    autoComplete: 'new-password',
  },
} as const

/** Signing in, or signing up: the same two fields. */
export function AccountScreen() {
  const [mode, setMode] = useState<'sign-in' | 'sign-up'>('sign-in')
  const other = mode === 'sign-in' ? 'sign-up' : 'sign-in'
  const { title, lede } = wordings[mode]
  return (
    <GateFrame
      title={title}
      lede={lede}
      {...(mode === 'sign-up' ? { step: { index: 1, count: 4 } } : {})}
      footer={
        <p>
          {mode === 'sign-in' ? 'New to Sealbook? ' : 'Already have an account? '}
          <TextLink onPress={() => setMode(other)}>
            {mode === 'sign-in' ? 'Create an account' : 'Sign in instead'}
          </TextLink>
        </p>
      }
    >
      <AccountForm key={mode} mode={mode} />
    </GateFrame>
  )
}

function AccountForm({ mode }: { mode: 'sign-in' | 'sign-up' }) {
  const session = useSession()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [isPending, setPending] = useState(false)
  const [message, setMessage] = useState<AuthMessage | null>(null)
  const wording = wordings[mode]

  const submit = async () => {
    setPending(true)
    setMessage(null)
    const account = { email: email.trim(), password }
    const result = await (mode === 'sign-in' ? session.signIn(account) : session.signUp(account))
    // On success the session's state takes this screen away.
    if (!result.ok) setMessage(authMessage(result.error))
    setPending(false)
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (email.trim() === '') setMessage({ field: 'email', text: 'Enter your email.' })
    else if (password === '') setMessage({ field: 'password', text: 'Enter your password.' })
    else if (!isPending) void submit()
  }

  return (
    <form className="flex flex-col gap-5" onSubmit={send} noValidate>
      {message !== null && message.field === null && (
        <Notice tone="danger" isAlert icon={<CircleAlert aria-hidden />}>
          {message.text}
        </Notice>
      )}
      <TextField
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        error={message?.field === 'email' ? message.text : undefined}
        autoFocus
      />
      <SecretField
        what="password"
        label="Password"
        name="password"
        autoComplete={wording.autoComplete}
        value={password}
        onChange={setPassword}
        error={message?.field === 'password' ? message.text : undefined}
        {...(mode === 'sign-up' ? { description: 'At least 8 characters.' } : {})}
      />
      <Button type="submit" variant="primary" size="lg" isPending={isPending} className="mt-1">
        {wording.action}
      </Button>
    </form>
  )
}
