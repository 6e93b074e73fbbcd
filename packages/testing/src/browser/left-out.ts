import { appendFileSync } from 'node:fs'

/**
 * Says by name, in the closing lines of `npm test`, what cannot be tested on this machine and why.
 * Never for what fails.
 */
export function leaveOut(what: string): void {
  const file = process.env['LEFT_OUT_FILE']
  if (file === undefined) process.stdout.write(`left out: ${what}\n`)
  else appendFileSync(file, `${what}\n`)
}
