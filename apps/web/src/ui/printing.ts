import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

/**
 * Whether the page is being printed: true before the browser takes it, so that what only paper
 * needs (a whole list instead of a window on it) is there in time and costs nothing otherwise.
 */
export function useIsPrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false)
  useEffect(() => {
    const media = window.matchMedia('print')
    // Browsers take the page as soon as the listeners have run.
    const set = (now: boolean) => flushSync(() => setPrinting(now))
    const before = () => set(true)
    const after = () => set(false)
    const onChange = ({ matches }: MediaQueryListEvent) => set(matches)
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    media.addEventListener('change', onChange)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
      media.removeEventListener('change', onChange)
    }
  }, [])
  return isPrinting
}
