import { useEffect, useState, type ReactNode } from 'react'
import { CloudOff, KeyRound, Stamp } from 'lucide-react'
import { Button } from './button.tsx'
import { SealMark } from './seal-mark.tsx'

const promises = [
  { icon: Stamp, text: 'Every amount and every word is sealed on your device before it is sent.' },
  { icon: KeyRound, text: 'Only your secret key opens it. Whoever runs the server cannot.' },
  { icon: CloudOff, text: 'It all works without a network, and catches up by itself.' },
]

/** The screens before the ledger: one question at a time, beside the promise of the product. */
export function GateFrame({
  title,
  lede,
  step,
  footer,
  children,
}: {
  title: string
  lede?: ReactNode
  /** Shown as "Step 2 of 4". */
  step?: { readonly index: number; readonly count: number }
  footer?: ReactNode
  children: ReactNode
}) {
  return (
    <div data-gate className="flex min-h-dvh print:block print:min-h-0">
      <aside className="gate-panel sticky print:hidden top-0 hidden h-dvh w-[42%] max-w-140 flex-col justify-between p-12 desk:flex">
        <p className="flex items-center gap-3 text-lg font-semibold">
          <SealMark className="size-9" />
          Sealbook
        </p>
        <div>
          <p className="max-w-96 text-3xl font-semibold">Your ledger, under your own seal.</p>
          <ul className="mt-9 flex max-w-90 flex-col gap-5">
            {promises.map(({ icon: Icon, text }) => (
              <li key={text} className="flex gap-3.5">
                <Icon className="mt-0.5 size-5 shrink-0 opacity-75" aria-hidden />
                <span className="opacity-85">{text}</span>
              </li>
            ))}
          </ul>
        </div>
        <p className="text-sm opacity-65">End-to-end encrypted. Open source.</p>
      </aside>
      <main
        id="main"
        className="flex min-w-0 grow flex-col items-center px-5 pt-[calc(1.5rem+var(--safe-top))] pb-[calc(2rem+var(--safe-bottom))] tab:justify-center tab:px-10 tab:py-12"
      >
        <div className="w-full max-w-108">
          <p className="mb-9 flex items-center gap-2.5 font-semibold desk:hidden">
            <SealMark className="size-8" />
            Sealbook
          </p>
          {step !== undefined && (
            <p className="mb-2.5 flex items-center gap-2.5 text-sm font-medium text-ink-faint">
              Step {step.index} of {step.count}
              <span className="flex gap-1" aria-hidden>
                {Array.from({ length: step.count }, (_, at) => (
                  <span
                    key={at}
                    className={`h-1 w-5 rounded-full ${at < step.index ? 'bg-accent' : 'bg-line'}`}
                  />
                ))}
              </span>
            </p>
          )}
          <h1 className="text-2xl font-semibold">{title}</h1>
          {lede !== undefined && <p className="mt-2 text-ink-soft">{lede}</p>}
          <div className="mt-7">{children}</div>
          {footer !== undefined && <div className="mt-7 text-ink-soft">{footer}</div>}
        </div>
      </main>
    </div>
  )
}

/** From here on a splash says what it waits for. */
const quietMs = 6_000

/**
 * While the device's own storage is read: the mark alone, and only if that takes a while. Whoever
 * waits for longer is told for what, and can try again.
 */
export function Splash({ waitsFor }: { waitsFor?: string }) {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), quietMs)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div
      role="status"
      aria-label="Opening Sealbook"
      className="flex min-h-dvh flex-col items-center justify-center gap-5 px-5 text-center"
    >
      <SealMark className="size-12 animate-appear-late" />
      {isLong && waitsFor !== undefined && (
        <>
          <p className="max-w-88 text-ink-soft">{waitsFor}</p>
          <Button onPress={() => window.location.reload()}>Try again</Button>
        </>
      )}
    </div>
  )
}
