import { Component, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import type { Cell } from '../data/session-state.ts'
import { Splash } from '../ui/gate-frame.tsx'
import type { OpenApp } from './open-app.tsx'
import { StartProblem } from './start-problem.tsx'
import {
  isMissingFile,
  nameOf,
  storageCause,
  type StartCause,
  type StartState,
} from './start-state.ts'
import { causeWords, slowWords } from './start-words.ts'

/** What stands on the page from its first moment: the app once it can start, else what stops it. */
export function StartUp({ start }: { start: Cell<StartState<OpenApp>> }) {
  return (
    <LastBoundary>
      <Started start={start} />
    </LastBoundary>
  )
}

function Started({ start }: { start: Cell<StartState<OpenApp>> }) {
  const state = useSyncExternalStore(start.subscribe, () => start.value)
  switch (state.kind) {
    case 'starting':
      return state.slow === null ? (
        <Splash />
      ) : (
        <StartProblem words={slowWords(state.slow)} detail={`waits for ${state.slow}`} isWaiting />
      )
    case 'stopped':
      return <Stopped cause={state.cause} />
    case 'ready':
      return <Running app={state.app} />
  }
}

/** The session reads the device's storage once more, and that may fail where a first read did not. */
function Running({ app }: { app: OpenApp }) {
  const [cause, setCause] = useState<StartCause | null>(null)
  useEffect(() => {
    let isGone = false
    app.started.catch((error: unknown) => {
      if (!isGone) setCause(sessionCause(error))
    })
    return () => {
      isGone = true
    }
  }, [app])
  return cause === null ? app.element : <Stopped cause={cause} />
}

function Stopped({ cause }: { cause: StartCause }) {
  return <StartProblem words={causeWords(cause)} detail={causeDetail(cause)} />
}

/** Nothing below it ends in an empty page. */
class LastBoundary extends Component<{ children: ReactNode }, { cause: StartCause | null }> {
  override state = { cause: null }

  static getDerivedStateFromError(error: unknown): { cause: StartCause } {
    const name = nameOf(error)
    return {
      cause: isMissingFile(error) ? { kind: 'files-missing', name } : { kind: 'fault', name },
    }
  }

  override render(): ReactNode {
    return this.state.cause === null ? this.props.children : <Stopped cause={this.state.cause} />
  }
}

function sessionCause(error: unknown): StartCause {
  const name = nameOf(error)
  return error instanceof DOMException ? storageCause(name) : { kind: 'fault', name }
}

function causeDetail(cause: StartCause): string {
  switch (cause.kind) {
    case 'insecure-address':
      return cause.kind
    case 'old-browser':
      return `${cause.kind}: ${cause.missing.join(', ')}`
    case 'storage-refused':
    case 'storage-full':
    case 'storage-damaged':
    case 'files-missing':
    case 'cryptography-failed':
    case 'fault':
      return `${cause.kind}: ${cause.name}`
  }
}
