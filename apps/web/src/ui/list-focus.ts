import type { RefCallback } from 'react'

/**
 * A ref for the items of a list that can go away while they, a menu of theirs or a question about
 * them have the focus. The neighbour's last button takes it then, so that who works by keyboard
 * stays in the list instead of starting again at the top of the page.
 */
export const keepFocusInList: RefCallback<HTMLElement> = (item) => {
  return () => {
    if (item === null || !hasFocus()) return
    const list = item.parentElement
    const neighbour = item.nextElementSibling ?? item.previousElementSibling
    const takeOver = () => {
      if (!hasFocus()) focusIn([neighbour, list])
    }
    // React takes the item out of the page after this.
    queueMicrotask(() => {
      takeOver()
      if (document.querySelector(above) !== null) afterModals(takeOver)
    })
  }
}

/** What lies above the page, and gives the focus back to where it was when it goes. */
const above = '[role=dialog], [role=alertdialog][aria-modal=true], [role=menu]'

function afterModals(then: () => void): void {
  const observer = new MutationObserver(() => {
    if (document.querySelector(above) !== null) return
    observer.disconnect()
    // First React Aria looks for what had the focus before, in the frame after.
    requestAnimationFrame(() => requestAnimationFrame(then))
  })
  observer.observe(document.body, { childList: true, subtree: true })
}

function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body
}

/** The last button of the first of these that is still on the page and has one. */
function focusIn(places: readonly (Element | null)[]): void {
  const buttons = places.map((place) => (place?.isConnected === true ? lastButton(place) : null))
  const target = buttons.find((button) => button !== null) ?? document.getElementById('main')
  target?.focus({ preventScroll: true })
}

function lastButton(item: Element): HTMLElement | null {
  return Array.from(item.querySelectorAll('button')).at(-1) ?? null
}
