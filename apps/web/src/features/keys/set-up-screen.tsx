import { useState } from 'react'
import { dayOf } from '@sealbook/ledger'
import type { PendingKeys, User } from '../../data/session-types.ts'
import { NoKeysStep } from './no-keys-step.tsx'
import { QuizStep } from './quiz-step.tsx'
import { RecoveryStep } from './recovery-step.tsx'
import { SecretKeyStep } from './secret-key-step.tsx'

/**
 * From a new account to keys: the secret key, the recovery key, and the proof that it was saved.
 * For an account that was not made here just now, the server's "no keys" is told first.
 */
export function KeysSetUpScreen({ user, justSignedUp }: { user: User; justSignedUp: boolean }) {
  const [keys, setKeys] = useState<PendingKeys | null>(null)
  const [isAsking, setAsking] = useState(false)
  const [isCertain, setCertain] = useState(justSignedUp)
  if (!isCertain) return <NoKeysStep user={user} onContinue={() => setCertain(true)} />
  if (keys === null) return <SecretKeyStep onPrepared={setKeys} />
  if (isAsking) return <QuizStep keys={keys} onBack={() => setAsking(false)} />
  const kit = {
    email: user.email,
    words: keys.recoveryWords,
    madeOn: dayOf(new Date()),
    origin: location.origin,
  }
  return <RecoveryStep kit={kit} onContinue={() => setAsking(true)} />
}
