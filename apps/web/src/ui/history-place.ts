import { useEffect, useEffectEvent } from 'react'

/** Something above the page that Back closes, as it would leave a page. */
interface Place {
  readonly onBack: () => void
}

/** Those that are open, the uppermost last. */
const places: Place[] = []
let isSettling = false
/** Entries that nobody needs any more are being left: the next `popstate` is that. */
let isReturning = false

/**
 * Gives what is open an entry in the browser's history, of the same address: Back calls `onBack`
 * and leaves the page alone. Closed in another way, its entry goes too.
 */
export function useHistoryPlace(isOpen: boolean, onBack: () => void): void {
  const latest = useEffectEvent(onBack)
  useEffect(() => {
    if (!isOpen) return
    const place = { onBack: () => latest() }
    enter(place)
    return () => leave(place)
  }, [isOpen])
}

function enter(place: Place): void {
  if (places.length === 0) window.addEventListener('popstate', onPopState)
  places.push(place)
  settleSoon()
}

function leave(place: Place): void {
  places.splice(places.indexOf(place), 1)
  settleSoon()
}

function onPopState(): void {
  if (isReturning) {
    isReturning = false
    settleSoon()
    return
  }
  const closing = places.slice(entriesAbove()).toReversed()
  for (const place of closing) place.onBack()
  // Whoever did not close, as a changed form that asks first, gets its entry again.
  settleSoon()
}

/** After what is happening now: a place may close and another open in one go. */
function settleSoon(): void {
  if (isSettling) return
  isSettling = true
  setTimeout(() => {
    isSettling = false
    settle()
  })
}

function settle(): void {
  if (isReturning) return
  const surplus = entriesAbove() - places.length
  for (let missing = -surplus; missing > 0; missing -= 1) {
    const state = { ...(history.state as object | null), [entriesKey]: entriesAbove() + 1 }
    history.pushState(state, '')
  }
  if (surplus > 0) {
    isReturning = true
    history.go(-surplus)
  }
  if (places.length === 0 && surplus <= 0) window.removeEventListener('popstate', onPopState)
}

/** How many entries of places lie above the page's own, in the entry that is shown. */
function entriesAbove(): number {
  const state = history.state as Readonly<Record<string, unknown>> | null
  const entries = state?.[entriesKey]
  return typeof entries === 'number' ? entries : 0
}

const entriesKey = 'sealbookPlaces'
