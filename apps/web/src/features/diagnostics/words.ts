import type { LeftReason, Repair, Verdict, VerdictKind } from '@sealbook/crypto-router'
import type { EntityTable } from '@sealbook/schema'

export type Tone = 'neutral' | 'accent' | 'warning' | 'danger'

export const entityNames: Readonly<Record<EntityTable, string>> = {
  workspace_settings: 'Workspace',
  accounts: 'Accounts',
  categories: 'Categories',
  debts: 'Debts',
  loans: 'Loans',
  schedules: 'Schedules',
  transactions: 'Transactions',
  loan_payments: 'Loan payments',
  budgets: 'Budgets',
  exchange_rates: 'Exchange rates',
}

/** Where a row's way is broken: before the sealed copy, or behind it. */
export type Gap = 'ledger-sealed' | 'sealed-server'

interface VerdictWords {
  readonly chip: string
  readonly tone: Tone
  readonly gap: Gap | null
  readonly sentence: string
}

const words: Readonly<Record<VerdictKind, VerdictWords>> = {
  same: {
    chip: 'Same everywhere',
    tone: 'accent',
    gap: null,
    sentence: 'Ledger, sealed copy and server hold the same.',
  },
  'waits-to-seal': {
    chip: 'On its way',
    tone: 'neutral',
    gap: null,
    sentence: 'A change is about to be sealed.',
  },
  'waits-to-open': {
    chip: 'On its way',
    tone: 'neutral',
    gap: null,
    sentence: 'A version from the server is about to be opened.',
  },
  'waits-to-upload': {
    chip: 'On its way',
    tone: 'neutral',
    gap: null,
    sentence: 'A sealed change waits to be sent to the server.',
  },
  unsealable: {
    chip: 'Cannot be sealed',
    tone: 'danger',
    gap: 'ledger-sealed',
    sentence: 'The ledger holds a value that no sealed column has room for.',
  },
  'twin-missing': {
    chip: 'Never sealed',
    tone: 'warning',
    gap: 'ledger-sealed',
    sentence: 'The ledger has this row, but there is no sealed copy of it on this device.',
  },
  'twin-locked': {
    chip: 'Locked',
    tone: 'warning',
    gap: 'ledger-sealed',
    sentence: 'The key of its workspace is not on this device.',
  },
  'twin-stale-key': {
    chip: 'Key or form unknown',
    tone: 'warning',
    gap: 'ledger-sealed',
    sentence:
      'The sealed copy names a key or a form that this device does not know. A newer app wrote it, or it was changed on the way.',
  },
  'twin-tampered': {
    chip: 'Seal broken',
    tone: 'danger',
    gap: 'ledger-sealed',
    sentence: 'The sealed copy on this device is not what a member sealed.',
  },
  'plaintext-missing': {
    chip: 'Missing in the ledger',
    tone: 'danger',
    gap: 'ledger-sealed',
    sentence: 'The sealed copy opens, but the ledger does not have the row.',
  },
  'plaintext-differs': {
    chip: 'Ledger differs',
    tone: 'danger',
    gap: 'ledger-sealed',
    sentence: 'The ledger shows something else than the sealed copy holds.',
  },
  'device-missing': {
    chip: 'Missing here',
    tone: 'danger',
    gap: 'sealed-server',
    sentence: 'The server has this row, and this device does not.',
  },
  'server-missing': {
    chip: 'Missing on the server',
    tone: 'danger',
    gap: 'sealed-server',
    sentence: 'This device has a sealed copy, and the server does not have the row.',
  },
  'server-differs': {
    chip: 'Server differs',
    tone: 'danger',
    gap: 'sealed-server',
    sentence: 'The server holds another version than this device, and nothing waits to be sent.',
  },
  'server-lost': {
    chip: 'Lost by the server',
    tone: 'danger',
    gap: 'sealed-server',
    sentence:
      'The server had this, by its own word, and does not have it now. Problems asks about it.',
  },
  'server-returned': {
    chip: 'Came back',
    tone: 'danger',
    gap: 'sealed-server',
    sentence: 'It was deleted, and the server has it again. Problems asks about it.',
  },
  'server-forked': {
    chip: 'Two versions',
    tone: 'danger',
    gap: 'sealed-server',
    sentence: 'The server has another version under the same number. Problems asks about it.',
  },
}

export function verdictWords({ kind, column, reason }: Verdict): VerdictWords {
  const found = words[kind]
  const where = column === null ? '' : ` The first difference is in ${column}.`
  const isServers = kind === 'server-differs' && reason !== null
  const why = isServers ? ' What the server holds is not what a member sealed.' : ''
  return { ...found, sentence: found.sentence + why + where }
}

const leftSentences: Readonly<Record<LeftReason, string>> = {
  'does-not-open':
    'Left as it is: the server has the same broken version. The ledger keeps the last one that was sound.',
  'server-row-does-not-open':
    'Left as it is: what the server holds is not what a member sealed, so this device does not take it.',
  'server-went-back':
    'Left as it is: the server holds an older version than it gave this device before.',
  'waits-for-key': 'Left as it is: its key is not on this device yet.',
  unsealable: 'Left as it is: change the row in the ledger, so that it can be sealed.',
  'needs-decision': 'Left as it is: decide about it under Problems.',
  'not-deleted-by-sync':
    'Left as it is: the server says that it was deleted, but sync brings no delete. If it was deleted, sync removes it here.',
  'needs-server': 'Left as it is: the server has to be asked, and cannot be reached.',
}

/** What a repair did, in a sentence. */
export function repairSentence(repair: Repair): string {
  switch (repair.did) {
    case 'nothing':
      return 'Nothing to do: the row is as it should be by now.'
    case 'sealed-again':
      return 'The change in the ledger was sealed and is sent to the server.'
    case 'sent-again':
      return 'The server had lost the row: it is sent again.'
    case 'opened-again':
      return `The ledger was filled again from the sealed copy.${kept(repair.keptInInbox)}`
    case 'fetched-again':
      return `The server’s version was fetched again and opened.${kept(repair.keptInInbox)}`
    case 'removed':
      return `It was deleted on another device, and is removed here too.${kept(repair.keptInInbox)}`
    case 'left':
      return leftSentences[repair.why]
  }
}

function kept(isKept: boolean): string {
  return isKept ? ' What the ledger had is kept under Problems.' : ''
}
