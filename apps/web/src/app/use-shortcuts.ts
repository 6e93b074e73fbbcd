import { useEffect, useEffectEvent } from 'react'
import { noShortcut, readShortcut, type ShortcutAction } from './shortcuts.ts'

/** Calls `act` for shortcuts pressed anywhere but in a field or while something lies above the page. */
export function useShortcuts(act: (action: ShortcutAction) => void): void {
  const latest = useEffectEvent(act)
  useEffect(() => {
    let state = noShortcut
    const onKeyDown = (event: KeyboardEvent) => {
      if (isDiagnosticsKey(event)) {
        event.preventDefault()
        latest({ kind: 'diagnose' })
        return
      }
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.repeat || event.key === 'Shift' || isBusy(event.target)) return
      const step = readShortcut(state, event.key, event.timeStamp)
      state = step.state
      if (step.action === null) return
      event.preventDefault()
      latest(step.action)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

/** Works anywhere. The key's place counts: with Alt some layouts say another letter. */
function isDiagnosticsKey(event: KeyboardEvent): boolean {
  if (event.code !== 'KeyD' || !event.altKey || event.getModifierState('AltGraph')) return false
  return event.ctrlKey || event.metaKey
}

function isBusy(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  return (
    target.closest('input, textarea, select, [contenteditable], [role=listbox], [role=menu]') !==
      null || document.querySelector(above) !== null
  )
}

/** A toast calls itself an alertdialog too, but takes nothing away from the page. */
const above = '[role=dialog], [role=alertdialog]:not([aria-modal=false])'
