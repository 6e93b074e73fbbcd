import type { RefCallback } from 'react'

/**
 * A ref for the items of a list that can go away while they, or a menu of theirs, have the focus.
 * The neighbour's last button takes it then, so that who works by keyboard stays in the list
 * instead of starting again at the top of the page.
 */
export const keepFocusInList: RefCallback<HTMLElement> = (item) => {
  return () => {
    if (item === null || !hasFocus()) return
    const neighbour = item.nextElementSibling ?? item.previousElementSibling
    // React takes the item out of the page after this.
    queueMicrotask(() => {
      if (hasFocus()) return
      const button = neighbour?.isConnected === true && lastButton(neighbour)
      const target = button || document.getElementById('main')
      target?.focus({ preventScroll: true })
    })
  }
}

function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body
}

function lastButton(item: Element): HTMLElement | null {
  return Array.from(item.querySelectorAll('button')).at(-1) ?? null
}
