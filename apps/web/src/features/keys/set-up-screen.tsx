import { useState } from 'react'
import { dayOf } from '@sealbook/ledger'
import type { PendingKeys, User } from '../../data/session-types.ts'
import { QuizStep } from './quiz-step.tsx'
import { RecoveryStep } from './recovery-step.tsx'
import { SecretKeyStep } from './secret-key-step.tsx'

/** From a new account to keys: the secret key, the recovery key, and the proof that it was saved. */
export function KeysSetUpScreen({ user }: { user: User }) {
  const [keys, setKeys] = useState<PendingKeys | null>(null)
  const [isAsking, setAsking] = useState(false)
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
