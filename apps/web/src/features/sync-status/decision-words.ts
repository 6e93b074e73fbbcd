import type { Choice } from '@sealbook/crypto-router'
import type { Problem } from './problem-sentence.ts'

/** What a choice for all that is in dispute does, as its button says it. */
export function choiceWords({ mine, theirs, cause }: Problem, choice: Choice): string {
  const isSeveral = cause.kind === 'clash' && cause.fields.length > 1
  if (choice === 'both') return isSeveral ? 'Keep both of each' : 'Keep both'
  if (mine === null) return choice === 'mine' ? 'Delete it' : 'Keep it'
  if (theirs === null) return choice === 'mine' ? 'Bring it back' : 'Leave it deleted'
  return isSeveral ? `Keep all ${choice}` : `Keep ${choice}`
}

/** What a choice did. */
export function decidedWords({ mine, theirs }: Problem, choice: Choice): string {
  if (choice === 'both') return 'Both kept'
  if (mine === null) return choice === 'mine' ? 'Deleted' : 'Kept'
  if (theirs === null) return choice === 'mine' ? 'Brought back' : 'Left deleted'
  return choice === 'mine' ? 'Mine kept' : 'Theirs kept'
}
