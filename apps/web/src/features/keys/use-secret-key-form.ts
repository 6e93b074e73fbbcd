import { useCallback, useState, type ComponentProps, type FormEvent } from 'react'
import { chosenKey, noChoice, type SecretKeyChooser } from './secret-key-chooser.tsx'

export interface SecretKeyForm {
  /** For SecretKeyChooser. */
  readonly chooser: ComponentProps<typeof SecretKeyChooser>
  /** The statement that the key is saved: nothing is sent without it. */
  readonly isSaved: boolean
  readonly setSaved: (isSaved: boolean) => void
  readonly wasSent: boolean
  readonly isPending: boolean
  readonly failure: string | null
  readonly send: (event: FormEvent) => void
}

/** A form that sets a secret key. `set` does it and answers why it could not, or null. */
export function useSecretKeyForm(
  set: (secretKey: string) => Promise<string | null>,
): SecretKeyForm {
  const [choice, setChoice] = useState(noChoice)
  const [problem, setProblem] = useState<string | null>(null)
  const [isSaved, setSaved] = useState(false)
  const [wasSent, setSent] = useState(false)
  const [isPending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const onAcceptable = useCallback((found: string | null) => setProblem(found), [])

  const run = async () => {
    setPending(true)
    setFailure(null)
    setFailure(await set(chosenKey(choice)))
    setPending(false)
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    setSent(true)
    if (problem === null && isSaved && !isPending) void run()
  }
  const chooser = { choice, onChange: setChoice, onAcceptable, showProblem: wasSent }
  return { chooser, isSaved, setSaved, wasSent, isPending, failure, send }
}
