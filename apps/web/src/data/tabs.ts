/** What one tab tells the others of the same browser. */
export type TabMessage =
  | { readonly kind: 'signed-in'; readonly userId: string }
  | { readonly kind: 'locked'; readonly userId: string }
  /** The server ended the account's session: what is open stays open. */
  | { readonly kind: 'session-ended'; readonly userId: string }
  /** The person signed out and the device's data goes. */
  | { readonly kind: 'signed-out'; readonly userId: string }
  /** This version of the app has opened the database. */
  | { readonly kind: 'opened'; readonly schemaVersion: number }

export interface Tabs {
  tell(message: TabMessage): void
  listen(listener: (message: TabMessage) => void): void
}

const channelName = 'sealbook-session'

export function connectTabs(): Tabs {
  const channel = new BroadcastChannel(channelName)
  return {
    tell: (message) => channel.postMessage(message),
    listen(listener) {
      channel.onmessage = (event: MessageEvent<TabMessage>) => listener(event.data)
    },
  }
}
