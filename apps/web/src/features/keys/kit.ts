/** What a recovery kit says, on paper and in the text file. */
export interface RecoveryKit {
  readonly email: string
  readonly words: readonly string[]
  /** `YYYY-MM-DD`. */
  readonly madeOn: string
  /** Address of this Sealbook. */
  readonly origin: string
}

export const kitFileName = 'sealbook-recovery-key.txt'

/** The kit as plain text, words numbered in two columns. */
export function recoveryKitText({ email, words, madeOn, origin }: RecoveryKit): string {
  const half = Math.ceil(words.length / 2)
  const rows = words.slice(0, half).map((word, at) => {
    const right = words[half + at]
    const second = right === undefined ? '' : numbered(half + at, right)
    return `${numbered(at, word).padEnd(20)}${second}`.trimEnd()
  })
  return [
    'SEALBOOK RECOVERY KEY',
    '',
    `Account   ${email}`,
    `Address   ${origin}`,
    `Made on   ${madeOn}`,
    '',
    ...rows,
    '',
    'These words open your ledger when the secret key is lost. Nobody can give them',
    'to you again. Keep them on paper or on a drive, away from your devices, and',
    'show them to no one.',
    '',
  ].join('\n')
}

/** Hands the text to the browser as a file. */
export function downloadText(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  URL.revokeObjectURL(url)
}

function numbered(at: number, word: string): string {
  return `${String(at + 1).padStart(2)}. ${word}`
}
