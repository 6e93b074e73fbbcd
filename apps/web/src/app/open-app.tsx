import type { ReactNode } from 'react'
import { startSession } from '../data/start-session.ts'
import { App } from './app.tsx'

export interface OpenApp {
  readonly element: ReactNode
  /** Rejects when the session met an error that it does not know before it had a state. */
  readonly started: Promise<void>
}

/** The app with its session under way. Rejects when the cryptography does not run here. */
export async function openApp(): Promise<OpenApp> {
  const { store, started } = await startSession()
  return { element: <App store={store} />, started }
}
