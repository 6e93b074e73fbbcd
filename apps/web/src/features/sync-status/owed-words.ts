import type { OwedChoice, OwedKind } from '@sealbook/crypto-router'
import { countText } from '../../platform/locale.ts'

interface OwedWords {
  /** Of one row: on its button, and once it is done. */
  readonly choose: string
  readonly chosen: string
  /** Of every row of the kind. */
  readonly chooseAll: string
}

const words: Readonly<Record<OwedKind, Readonly<Record<OwedChoice, OwedWords>>>> = {
  lost: {
    mine: { choose: 'Send again', chosen: 'Sent again', chooseAll: 'Send all again' },
    theirs: { choose: 'Let it go', chosen: 'Let go', chooseAll: 'Let all go' },
  },
  returned: {
    mine: { choose: 'Delete it again', chosen: 'Deleted again', chooseAll: 'Delete all again' },
    theirs: { choose: 'Keep it', chosen: 'Kept', chooseAll: 'Keep all' },
  },
  forked: {
    mine: { choose: 'Keep mine', chosen: 'Mine kept', chooseAll: 'Keep all mine' },
    theirs: { choose: 'Take theirs', chosen: 'Theirs taken', chooseAll: 'Take all theirs' },
  },
}

export function owedWords(kind: OwedKind, choice: OwedChoice): OwedWords {
  return words[kind][choice]
}

/** What a group of many is headed by. */
export function owedHeading(kind: OwedKind, count: number): string {
  const rows = `${countText(count)} entries`
  switch (kind) {
    case 'lost':
      return `The server lost ${rows}`
    case 'returned':
      return `${rows} that were deleted came back`
    case 'forked':
      return `${rows} have two versions`
  }
}

/** What is true of all of them, and what the buttons do. */
export function owedGroupSentence(kind: OwedKind): string {
  switch (kind) {
    case 'lost':
      return 'It had them, by its own word, and does not have them as they are here. They stay on this device; sending them again stores them anew.'
    case 'returned':
      return 'The server has them again. On this device they stay deleted until you decide.'
    case 'forked':
      return 'The server has other versions of them under the same number. The ones that were here first stay until you decide.'
  }
}
