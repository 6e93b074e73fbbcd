import type { ListMetrics } from './layout.ts'

const phone: ListMetrics = { headerPx: 40, rowPx: 64 }
const desktop: ListMetrics = { headerPx: 40, rowPx: 60 }

/** The list's fixed heights, which its rows and headers are given in CSS pixels. */
export function metricsFor(isDesktop: boolean): ListMetrics {
  return isDesktop ? desktop : phone
}
