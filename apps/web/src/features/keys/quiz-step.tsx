import { useState, type FormEvent } from 'react'
import { CircleAlert } from 'lucide-react'
import type { KeysError, PendingKeys } from '../../data/session-types.ts'
import { databaseFailureSentence } from '../../data/database-failure.ts'
import { serverFailureSentence } from '../../data/server-failure.ts'
import { Button, TextLink } from '../../ui/button.tsx'
import { GateFrame } from '../../ui/gate-frame.tsx'
import { Notice } from '../../ui/surface.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { drawQuiz, wrongAnswers } from './quiz.ts'

const questionCount = 2

/** Two words are asked back; then the keys are stored. */
export function QuizStep({ keys, onBack }: { keys: PendingKeys; onBack: () => void }) {
  const [positions] = useState(() =>
    drawQuiz(keys.recoveryWords.length, questionCount, Math.random),
  )
  const [answers, setAnswers] = useState<ReadonlyMap<number, string>>(
    () => new Map(positions.map((position) => [position, ''])),
  )
  const [wrong, setWrong] = useState<readonly number[]>([])
  const [stayUnlocked, setStayUnlocked] = useState(false)
  const [isPending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)

  const commit = async () => {
    setPending(true)
    setFailure(null)
    const result = await keys.commit({ stayUnlocked })
    // On success the session's state takes this screen away.
    if (!result.ok) setFailure(keysFailureSentence(result.error))
    setPending(false)
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    const found = wrongAnswers(keys.recoveryWords, answers)
    setWrong(found)
    if (found.length === 0 && !isPending) void commit()
  }

  return (
    <GateFrame
      title="Check your recovery key"
      step={{ index: 3, count: 4 }}
      lede="Two of the words, to be sure that what you saved can be read."
      footer={<TextLink onPress={onBack}>Show the words again</TextLink>}
    >
      <form className="flex flex-col gap-5" onSubmit={send} noValidate>
        {failure !== null && (
          <Notice tone="danger" isAlert icon={<CircleAlert aria-hidden />}>
            {failure}
          </Notice>
        )}
        {positions.map((position, at) => (
          <TextField
            key={position}
            label={`Word ${position + 1}`}
            value={answers.get(position) ?? ''}
            onChange={(text) => {
              setAnswers(new Map(answers).set(position, text))
              setWrong(wrong.filter((other) => other !== position))
            }}
            error={
              wrong.includes(position) ? `This is not word ${position + 1} of your key.` : undefined
            }
            autoComplete="off"
            autoCorrect="off"
            spellCheck="false"
            inputProps={{ autoCapitalize: 'none' }}
            autoFocus={at === 0}
          />
        ))}
        <Checkbox
          isSelected={stayUnlocked}
          onChange={setStayUnlocked}
          detail="Only on a device that nobody else uses."
        >
          Stay unlocked on this device
        </Checkbox>
        <Button type="submit" variant="primary" size="lg" isPending={isPending}>
          Finish
        </Button>
      </form>
    </GateFrame>
  )
}

function keysFailureSentence(error: KeysError): string {
  switch (error.kind) {
    case 'keys-exist':
      return 'Another device has just set up the keys. Unlock with the secret key you chose there.'
    case 'newer-version':
      return 'A newer version of Sealbook has opened this ledger. Reload the page.'
    case 'database-unreadable':
      return databaseFailureSentence(error.cause)
    case 'offline':
    case 'signed-out':
    case 'too-many-requests':
    case 'server':
      return serverFailureSentence(error)
  }
}
