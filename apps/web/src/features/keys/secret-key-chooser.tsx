import { useEffect, useState } from 'react'
import { Copy, RefreshCw } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { SecretField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { isAcceptable } from './strength.ts'
import { StrengthMeter } from './strength-meter.tsx'
import { useStrength } from './use-estimator.ts'

/** What the person has chosen so far; `problem` says why it cannot be taken yet. */
export interface SecretKeyChoice {
  readonly kind: 'suggested' | 'own'
  readonly suggested: string
  readonly own: string
  readonly repeated: string
}

export const noChoice: SecretKeyChoice = { kind: 'suggested', suggested: '', own: '', repeated: '' }

/** The key to set, as far as it is chosen. */
export function chosenKey(choice: SecretKeyChoice): string {
  return choice.kind === 'suggested' ? choice.suggested : choice.own
}

/** A secret key: six random words are offered, or the person's own with its strength. */
export function SecretKeyChooser({
  choice,
  onChange,
  onAcceptable,
  showProblem,
}: {
  choice: SecretKeyChoice
  onChange: (choice: SecretKeyChoice) => void
  /** Told whenever it changes whether the choice may be set. */
  onAcceptable: (problem: string | null) => void
  showProblem: boolean
}) {
  const strength = useStrength(chosenKey(choice))
  const problem = problemOf(choice, strength === null ? null : isAcceptable(strength))
  useEffect(() => onAcceptable(problem), [onAcceptable, problem])
  const isOwn = choice.kind === 'own'

  return (
    <div className="flex flex-col gap-4">
      <Segmented
        label="Kind of secret key"
        options={[
          { id: 'suggested', label: 'Suggested' },
          { id: 'own', label: 'My own' },
        ]}
        value={choice.kind}
        onChange={(kind) => onChange({ ...choice, kind })}
      />
      {isOwn ? (
        <>
          <SecretField
            what="secret key"
            label="Secret key"
            autoComplete="off"
            value={choice.own}
            onChange={(own) => onChange({ ...choice, own })}
            error={showProblem && problem !== repeatProblem ? (problem ?? undefined) : undefined}
            description="Several words that do not belong together. Not your password."
            autoFocus
          />
          <StrengthMeter strength={strength} />
          <SecretField
            what="repeated secret key"
            label="Repeat the secret key"
            autoComplete="off"
            value={choice.repeated}
            onChange={(repeated) => onChange({ ...choice, repeated })}
            error={showProblem && problem === repeatProblem ? problem : undefined}
          />
        </>
      ) : (
        <>
          <Suggestion
            secretKey={choice.suggested}
            onSuggest={(suggested) => onChange({ ...choice, suggested })}
          />
          <StrengthMeter strength={strength} />
        </>
      )}
    </div>
  )
}

function Suggestion({
  secretKey,
  onSuggest,
}: {
  secretKey: string
  onSuggest: (secretKey: string) => void
}) {
  const toast = useToast()
  const [draw, setDraw] = useState<(() => string) | null>(null)
  useEffect(() => {
    let isGone = false
    void import('@sealbook/crypto').then(({ generatePassphrase }) => {
      if (isGone) return
      setDraw(() => () => generatePassphrase())
    })
    return () => {
      isGone = true
    }
  }, [])
  useEffect(() => {
    if (draw !== null && secretKey === '') onSuggest(draw())
  }, [draw, secretKey, onSuggest])

  const copy = async () => {
    await navigator.clipboard.writeText(secretKey)
    toast({ title: 'Secret key copied', detail: 'Paste it into your password manager.' })
  }
  return (
    <div className="rounded-lg bg-surface p-4 shadow-card">
      <output
        aria-label="Suggested secret key"
        className="block min-h-16 text-lg leading-8 font-medium tracking-normal"
      >
        {secretKey === '' ? <Skeleton className="mt-2 h-5 w-4/5" /> : secretKey}
      </output>
      <div className="mt-2 -ml-2 flex flex-wrap gap-1">
        <Button
          variant="ghost"
          size="sm"
          icon={<Copy className="size-4" aria-hidden />}
          onPress={() => void copy()}
        >
          Copy secret key
        </Button>
        <Button
          variant="ghost"
          size="sm"
          icon={<RefreshCw className="size-4" aria-hidden />}
          onPress={() => draw !== null && onSuggest(draw())}
        >
          New suggestion
        </Button>
      </div>
    </div>
  )
}

const repeatProblem = 'The two do not agree.'

function problemOf(choice: SecretKeyChoice, isStrongEnough: boolean | null): string | null {
  if (chosenKey(choice).trim() === '') return 'Enter a secret key.'
  if (isStrongEnough === false) return 'This can be guessed. Add a few unrelated words.'
  if (choice.kind === 'own' && choice.own !== choice.repeated) return repeatProblem
  return isStrongEnough === null ? 'One moment: the strength is being checked.' : null
}
