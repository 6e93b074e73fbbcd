import type { LinkStatus } from './link-status.ts'

/** The network is back, somebody looks at a tab, or the person has signed in again. */
export type ResumeReason = 'online' | 'looked-at' | 'signed-in'

/** What the contexts of one browser tell each other about who leads. No keys, no values. */
type LeadMessage =
  /** Whoever leads is asked to say so. */
  | { readonly kind: 'ask' }
  /** By the leader's Worker: at once when asked, and when the status changes; null before it connects. */
  | { readonly kind: 'leads'; readonly status: LinkStatus | null }
  /** Connect now, and why. */
  | { readonly kind: 'resume'; readonly reason: ResumeReason }

/** The line on which every tab hears of the one that routes and syncs. */
export interface LeadChannel {
  ask(): void
  lead(status: LinkStatus | null): void
  resume(reason: ResumeReason): void
  close(): void
}

export interface LeadListeners {
  readonly onAsk?: () => void
  readonly onLead?: (status: LinkStatus | null) => void
  readonly onResume?: (reason: ResumeReason) => void
}

export function openLeadChannel(fileName: string, listeners: LeadListeners): LeadChannel {
  const channel = new BroadcastChannel(`sealbook-lead-${fileName}`)
  const post = (message: LeadMessage) => channel.postMessage(message)
  channel.onmessage = (event: MessageEvent<LeadMessage>) => {
    const message = event.data
    switch (message.kind) {
      case 'ask':
        listeners.onAsk?.()
        return
      case 'leads':
        listeners.onLead?.(message.status)
        return
      case 'resume':
        listeners.onResume?.(message.reason)
        return
    }
  }
  return {
    ask: () => post({ kind: 'ask' }),
    lead: (status) => post({ kind: 'leads', status }),
    resume: (reason) => post({ kind: 'resume', reason }),
    close: () => channel.close(),
  }
}
