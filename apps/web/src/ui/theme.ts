import { useSyncExternalStore } from 'react'
import { readSetting, writeSetting } from '../platform/local-storage.ts'

export type ThemeChoice = 'system' | 'light' | 'dark'

/** Read by `public/theme.js` before the first paint, too. */
const storageKey = 'sealbook-theme'
const changeEvent = 'sealbook-theme-change'

/** The person's choice, kept on this device, and how to change it. */
export function useTheme(): readonly [ThemeChoice, (choice: ThemeChoice) => void] {
  return [useSyncExternalStore(subscribe, readChoice), chooseTheme]
}

function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') {
    writeSetting(storageKey, null)
    delete document.documentElement.dataset['theme']
  } else {
    writeSetting(storageKey, choice)
    document.documentElement.dataset['theme'] = choice
  }
  window.dispatchEvent(new Event(changeEvent))
}

function readChoice(): ThemeChoice {
  const stored = readSetting(storageKey)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(changeEvent, listener)
  window.addEventListener('storage', listener)
  return () => {
    window.removeEventListener(changeEvent, listener)
    window.removeEventListener('storage', listener)
  }
}
