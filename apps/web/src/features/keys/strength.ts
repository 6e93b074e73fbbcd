/** How hard a secret key is to guess for somebody who has its slot. */
export type StrengthLevel = 'weak' | 'fair' | 'strong' | 'excellent'

export interface Strength {
  readonly level: StrengthLevel
  /** 0 to 1, for a bar. */
  readonly share: number
  /** What makes it weak, in a sentence; empty when nothing does. */
  readonly advice: string
}

/**
 * Powers of ten of guesses. A guess costs about a second of one core and 256 MiB (Argon2id), so
 * 10^10 of them are some 300 core years, and 10^16 are out of anybody's reach.
 */
const fairGuessesLog10 = 10
const strongGuessesLog10 = 13
const excellentGuessesLog10 = 16

/** @param guessesLog10 decimal logarithm of the expected number of guesses. */
export function scoreStrength(guessesLog10: number, advice: string): Strength {
  const level =
    guessesLog10 >= excellentGuessesLog10
      ? 'excellent'
      : guessesLog10 >= strongGuessesLog10
        ? 'strong'
        : guessesLog10 >= fairGuessesLog10
          ? 'fair'
          : 'weak'
  const share = Math.min(1, Math.max(0, guessesLog10 / (excellentGuessesLog10 + 2)))
  return { level, share, advice: level === 'weak' || level === 'fair' ? advice : '' }
}

/** A weak key may not be set: the server holds the slot and could guess it. */
export function isAcceptable(strength: Strength): boolean {
  return strength.level !== 'weak'
}

/** The estimator with its dictionaries; large, so it is loaded when it is first needed. */
export async function loadEstimator(): Promise<(secretKey: string) => Strength> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ])
  const estimator = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  })
  return (secretKey) => {
    const { guessesLog10, feedback } = estimator.check(secretKey, ['sealbook'])
    return scoreStrength(guessesLog10, feedback.warning ?? feedback.suggestions[0] ?? '')
  }
}
