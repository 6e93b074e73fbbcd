import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react'
import { dayAt, rowsBetween, type ListLayout, type ListMetrics, type RowRange } from './layout.ts'

/** Rendered above and below what is in sight, in CSS pixels. */
const overscanPx = 640
/** The rendered rows change only when less than this is left of the overscan. */
const slackPx = 320

/** The part of a list, laid out in the flow of the page, that the window shows. */
export interface ListWindow {
  readonly range: RowRange
  /** Index of the day under the lower edge of what sticks to the top. */
  readonly topDay: number
}

/**
 * Follows the window's scrolling. `listRef` is the list's element, `barRef` what sticks above it.
 * Renders again only when other rows, or another day, come into view.
 */
export function useWindow(
  listRef: RefObject<HTMLElement | null>,
  barRef: RefObject<HTMLElement | null>,
  layout: ListLayout,
  metrics: ListMetrics,
): ListWindow {
  const [current, setCurrent] = useState<ListWindow>({ range: { from: 0, to: 0 }, topDay: -1 })
  const placeRef = useRef<Place | null>(null)
  const follow = useCallback(() => {
    if (placeRef.current === null) return
    const { listTop, barBottom } = placeRef.current
    const topDay = dayAt(layout, metrics, Math.max(0, barBottom - listTop))
    const rows = (px: number) =>
      rowsBetween(layout, metrics, -listTop - px, window.innerHeight - listTop + px)
    setCurrent((shown) => {
      const least = rows(slackPx)
      const isEnough =
        shown.range.from <= least.from &&
        shown.range.to >= least.to &&
        shown.range.to - shown.range.from <= 3 * (least.to - least.from)
      const range = isEnough ? shown.range : rows(overscanPx)
      return range === shown.range && topDay === shown.topDay ? shown : { range, topDay }
    })
  }, [layout, metrics])
  const update = useCallback(() => {
    placeRef.current = placeOf(listRef.current, barRef.current)
    follow()
  }, [listRef, barRef, follow])

  useLayoutEffect(() => {
    if (placeRef.current === null) return update()
    // Rows that come or go seldom move the list itself, and to ask now would have the browser lay
    // out the page twice before it shows them.
    follow()
    const frame = requestAnimationFrame(update)
    return () => cancelAnimationFrame(frame)
  }, [follow, update])
  useEffect(() => {
    window.addEventListener('scroll', update, { passive: true })
    window.addEventListener('resize', update)
    return () => {
      window.removeEventListener('scroll', update)
      window.removeEventListener('resize', update)
    }
  }, [update])
  return current
}

/** In CSS pixels from the window's upper edge. */
interface Place {
  readonly listTop: number
  readonly barBottom: number
}

function placeOf(list: HTMLElement | null, bar: HTMLElement | null): Place | null {
  if (list === null) return null
  return {
    listTop: list.getBoundingClientRect().top,
    barBottom: bar?.getBoundingClientRect().bottom ?? 0,
  }
}
