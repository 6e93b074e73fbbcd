import { createContext, use, useEffect, useEffectEvent, useState, type ReactNode } from 'react'

/** What the shell asks of whichever screen can do it. */
export type Command = 'new-transaction' | 'search'

/**
 * Carries commands from the shell's buttons and keys to a screen. A command that no screen takes
 * yet waits for the next one that does: the shell has just asked the router for it.
 */
export interface CommandCentre {
  /** True when a screen took it at once. */
  run(command: Command): boolean
  handle(command: Command, handler: () => void): () => void
}

const CommandContext = createContext<CommandCentre | null>(null)

/** `onUnhandled` brings a screen that handles the command onto the screen. */
export function CommandProvider({
  onUnhandled,
  children,
}: {
  onUnhandled: (command: Command) => void
  children: ReactNode
}) {
  const unhandled = useEffectEvent(onUnhandled)
  const [centre] = useState(createCentre)
  useEffect(() => centre.onUnhandled((command) => unhandled(command)), [centre])
  return <CommandContext value={centre}>{children}</CommandContext>
}

/** Takes a command while the component is mounted and `isReady`; one that comes earlier waits. */
export function useCommand(command: Command, handler: () => void, isReady = true): void {
  const centre = useCentre()
  const latest = useEffectEvent(handler)
  useEffect(() => {
    if (isReady) return centre.handle(command, () => latest())
    return undefined
  }, [centre, command, isReady])
}

/** Gives a command, from anywhere below the shell. */
export function useRunCommand(): (command: Command) => void {
  const centre = useCentre()
  return (command) => void centre.run(command)
}

function useCentre(): CommandCentre {
  const centre = use(CommandContext)
  if (centre === null) throw new Error('commands need a CommandProvider above them')
  return centre
}

function createCentre(): CommandCentre & {
  onUnhandled(listener: (command: Command) => void): () => void
} {
  const handlers = new Map<Command, () => void>()
  let waiting: Command | null = null
  let unhandled: ((command: Command) => void) | null = null
  return {
    run(command) {
      const handler = handlers.get(command)
      waiting = handler === undefined ? command : null
      if (handler === undefined) unhandled?.(command)
      else handler()
      return handler !== undefined
    },
    handle(command, handler) {
      handlers.set(command, handler)
      if (waiting === command) {
        waiting = null
        handler()
      }
      return () => {
        if (handlers.get(command) === handler) handlers.delete(command)
      }
    },
    onUnhandled(listener) {
      unhandled = listener
      return () => {
        unhandled = null
      }
    },
  }
}
