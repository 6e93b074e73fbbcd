/**
 * Milliseconds from each write to the frame that shows its text, in this page. The next begins
 * `pauseMs` after the one before is done.
 */
export async function timeWrites(
  write: (payee: string) => Promise<unknown>,
  rounds: number,
  pauseMs: number,
): Promise<number[]> {
  const taken: number[] = []
  for (let round = 0; round < rounds; round++) {
    const payee = `Rendered ${round} ${crypto.randomUUID()}`
    const start = performance.now()
    const written = write(payee)
    await shown(payee)
    await new Promise((resolve) => requestAnimationFrame(resolve))
    taken.push(performance.now() - start)
    await written
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return taken
}

function shown(text: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!document.body.textContent?.includes(text)) return false
      observer.disconnect()
      resolve()
      return true
    }
    const observer = new MutationObserver(look)
    if (!look())
      observer.observe(document.body, { subtree: true, childList: true, characterData: true })
  })
}
