import { useState, type ReactNode } from 'react'
import { Check, Copy, RefreshCw } from 'lucide-react'
import { describeEnvironment } from '../platform/environment.ts'
import { Button } from '../ui/button.tsx'
import { GateFrame } from '../ui/gate-frame.tsx'
import type { StartWords } from './start-words.ts'

/** The one screen for all that stops a start, or holds it up: the cause, what helps, the details. */
export function StartProblem({
  words,
  detail,
  isWaiting = false,
  last = null,
}: {
  words: StartWords
  /** For a report: nothing of the person's. */
  detail: string
  isWaiting?: boolean
  /** The last resort, under everything else. */
  last?: ReactNode
}) {
  return (
    <GateFrame title={words.title} lede={words.text}>
      <div role={isWaiting ? 'status' : 'alert'} className="flex flex-col gap-6">
        <div>
          <h2 className="font-medium">What helps</h2>
          <ul className="mt-2 flex list-disc flex-col gap-1.5 pl-5 text-ink-soft marker:text-ink-faint">
            {words.help.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
        <Button
          variant={isWaiting ? 'secondary' : 'primary'}
          size="lg"
          icon={<RefreshCw className="size-4.5" aria-hidden />}
          onPress={() => window.location.reload()}
        >
          Try again
        </Button>
        <Details detail={detail} />
        {last}
      </div>
    </GateFrame>
  )
}

function Details({ detail }: { detail: string }) {
  const [isCopied, setCopied] = useState(false)
  const text = [`Cause: ${detail}`, ...describeEnvironment()].join('\n')
  // An insecure address has no clipboard: the text can still be marked.
  const clipboard = navigator.clipboard as Clipboard | undefined
  const copy = async (to: Clipboard) => {
    await to.writeText(text)
    setCopied(true)
  }
  return (
    <details className="text-sm text-ink-soft">
      <summary className="inline-flex min-h-11 cursor-pointer items-center">
        Details for a report
      </summary>
      <pre className="mt-1 overflow-x-auto rounded-lg bg-sunken px-4 py-3 text-xs whitespace-pre-wrap select-text">
        {text}
      </pre>
      {clipboard !== undefined && (
        <Button
          size="sm"
          className="mt-3"
          icon={
            isCopied ? (
              <Check className="size-4" aria-hidden />
            ) : (
              <Copy className="size-4" aria-hidden />
            )
          }
          onPress={() => void copy(clipboard)}
        >
          {isCopied ? 'Copied' : 'Copy them'}
        </Button>
      )}
    </details>
  )
}
