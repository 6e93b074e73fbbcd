import { useCallback, useEffect, useLayoutEffect, useState, type RefObject } from 'react'
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
  const update = useCallback(() => {
    const list = listRef.current
    if (list === null) return
    const listTop = list.getBoundingClientRect().top
    const barBottom = barRef.current?.getBoundingClientRect().bottom ?? 0
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
  }, [listRef, barRef, layout, metrics])

  useLayoutEffect(update, [update])
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
