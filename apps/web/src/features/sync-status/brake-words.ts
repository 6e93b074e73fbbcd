import type { Brake, BrakeAnswer } from '@sealbook/crypto-router'
import type { EntityTable } from '@sealbook/schema'
import { countText } from '../../platform/locale.ts'

const nouns: Readonly<Record<EntityTable, string>> = {
  workspace_settings: 'workspaces',
  accounts: 'accounts',
  categories: 'categories',
  debts: 'debts',
  loans: 'loans',
  schedules: 'schedules',
  transactions: 'transactions',
  loan_payments: 'loan payments',
  budgets: 'budgets',
  exchange_rates: 'exchange rates',
}

type Question = Pick<Brake, 'direction' | 'ground' | 'table' | 'rows' | 'of'>

export function brakeHeading({ direction, ground, table, rows, of }: Question): string {
  const count = `${countText(rows)} of ${countText(of)} ${nouns[table]}`
  if (direction === 'out') return `${count} are about to be deleted everywhere`
  return ground === 'workspace'
    ? `The server no longer sends ${count}`
    : `The server says that ${count} were deleted`
}

export function brakeSentence({ direction, ground }: Question): string {
  if (direction === 'out') {
    return 'They were deleted on this device, without a command for so many. Nothing was deleted elsewhere yet.'
  }
  return ground === 'workspace'
    ? 'It sends nothing of their workspace any more: it may have lost it, or you may not be a member now. Nothing was removed here yet.'
    : 'Nothing was removed here yet. If somebody deleted them on another device, let them go. If nobody did, keep them: they are sent to the server again.'
}

export function brakeAnswerWords({ direction, ground }: Question, answer: BrakeAnswer): string {
  const isWithheld = direction === 'in' && ground === 'workspace'
  if (answer === 'delete') return isWithheld ? 'Remove them here' : 'Delete them'
  return isWithheld ? 'Keep them here' : 'Keep them'
}
