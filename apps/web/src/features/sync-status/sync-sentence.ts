import type { SyncState } from '../../data/session-types.ts'
import { countText } from '../../platform/locale.ts'

/** The indicator's words: always true, never longer than a few. */
export function syncLabel(state: SyncState): string {
  switch (state.kind) {
    case 'signed-out':
      return 'Signed out'
    case 'offline':
      return 'Offline'
    case 'waiting':
      return `${changes(state.waiting)} waiting`
    case 'syncing':
      return 'Syncing'
    case 'up-to-date':
      return 'Up to date'
    case 'problems':
      return state.problems === 1 ? '1 problem' : `${state.problems} problems`
    case 'router-waiting':
      return 'Another tab blocks'
  }
}

/** The same in a sentence, with what it means for the person. */
export function syncSentence(state: SyncState): string {
  switch (state.kind) {
    case 'signed-out':
      return state.waiting === 0
        ? 'Signed out. Sign in to sync. Your ledger stays open here, and new changes wait.'
        : `Signed out. Sign in to sync. ${changes(state.waiting)} on this device ${state.waiting === 1 ? 'waits' : 'wait'} to be sent.`
    case 'offline':
      return state.waiting === 0
        ? 'No connection. Everything works; new changes are sent when it is back.'
        : `No connection. ${changes(state.waiting)} on this device ${state.waiting === 1 ? 'is' : 'are'} sent when it is back.`
    case 'waiting':
      return `${changes(state.waiting)} on this device ${state.waiting === 1 ? 'has' : 'have'} not reached the server yet.`
    case 'syncing':
      return state.download === null
        ? 'Changes are on their way.'
        : `Receiving: ${countText(state.download.done)} of ${countText(state.download.total)} rows.`
    case 'up-to-date':
      return 'Every change on this device has reached the server, and nothing is left to receive.'
    case 'problems':
      return `${state.problems === 1 ? 'One thing needs' : `${state.problems} things need`} your decision.`
    case 'router-waiting':
      return `Another tab or window of Sealbook is in charge of sending and receiving, and does not answer. ${state.waiting === 0 ? 'What you change is kept on this device.' : `${changes(state.waiting)} ${state.waiting === 1 ? 'is' : 'are'} kept on this device until then.`} Close the other tabs, or take over here.`
  }
}

/** Of an estimate, so never to the second. */
export function leftWords(leftMs: number): string {
  if (leftMs < 10_000) return 'A few seconds left'
  if (leftMs < 45_000) return 'Less than a minute left'
  const minutes = Math.round(leftMs / minuteMs)
  if (minutes <= 1) return 'About a minute left'
  if (minutes < 90) return `About ${minutes} minutes left`
  return `About ${Math.round(minutes / 60)} hours left`
}

const minuteMs = 60_000

function changes(count: number): string {
  return count === 1 ? '1 change' : `${countText(count)} changes`
}
