/** Positions, counted from 0 and ascending, of the words that are asked back. */
export function drawQuiz(
  wordCount: number,
  questionCount: number,
  random: () => number,
): readonly number[] {
  const positions = Array.from({ length: wordCount }, (_, at) => at)
  const drawn: number[] = []
  while (drawn.length < questionCount && positions.length > 0) {
    const [position] = positions.splice(Math.floor(random() * positions.length), 1)
    if (position !== undefined) drawn.push(position)
  }
  return drawn.toSorted((a, b) => a - b)
}

/** Positions whose answer is not the word that stands there. Case and white space do not matter. */
export function wrongAnswers(
  words: readonly string[],
  answers: ReadonlyMap<number, string>,
): readonly number[] {
  return [...answers]
    .filter(([position, answer]) => normalise(answer) !== words[position])
    .map(([position]) => position)
}

/** Words out of typed or pasted text: list numbers ("12."), line breaks and commas are passed over. */
export function parseRecoveryWords(text: string): readonly string[] {
  return normalise(text)
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
}

function normalise(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase()
}
