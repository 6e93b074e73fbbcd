import { useMemo } from 'react'
import { isCurrency, readAmount, type AmountMinor } from '@sealbook/ledger'
import { shownName } from './entered-text.ts'
import { useLiveQuery } from './live-query.ts'
import type { Query } from './query.ts'
import { useWorkspaceId } from './session-context.tsx'

export type AccountType = 'checking' | 'savings' | 'cash' | 'card' | 'investment' | 'other'
export type FlowKind = 'expense' | 'income'

/** A place where money is, as several features list it. */
export interface Account {
  readonly id: string
  readonly name: string
  readonly type: AccountType
  /** Empty where another device wrote what is no currency. */
  readonly currency: string
  /** Null where another device wrote more than an amount can be. */
  readonly openingBalance: AmountMinor | null
  readonly note: string
  readonly sortOrder: number
  /** Milliseconds since 1970; null while it is in use. */
  readonly archivedAt: number | null
}

export interface Category {
  readonly id: string
  readonly kind: FlowKind
  readonly name: string
  readonly icon: string | null
  readonly colour: string | null
  readonly sortOrder: number
  readonly archivedAt: number | null
}

/** Live rows of one kind, in their own order; `byId` finds archived ones too. */
export interface Records<T> {
  readonly list: readonly T[]
  readonly byId: ReadonlyMap<string, T>
  readonly isLoading: boolean
}

export function accountsQuery(workspaceId: string): Query {
  return {
    sql: `SELECT id, name, type, currency, opening_balance, note, sort_order, archived_at
      FROM accounts WHERE workspace_id = ? ORDER BY sort_order, created_at`,
    parameters: [workspaceId],
  }
}

export function categoriesQuery(workspaceId: string): Query {
  return {
    sql: `SELECT id, kind, name, icon, colour, sort_order, archived_at
      FROM categories WHERE workspace_id = ? ORDER BY sort_order, created_at`,
    parameters: [workspaceId],
  }
}

export function settingsQuery(workspaceId: string): Query {
  return {
    sql: 'SELECT name, currency FROM workspace_settings WHERE id = ?',
    parameters: [workspaceId],
  }
}

/** All accounts, archived ones included. */
export function useAccounts(): Records<Account> {
  const { sql, parameters } = accountsQuery(useWorkspaceId())
  const { data, isLoading } = useLiveQuery<AccountRow>(sql, parameters)
  return useMemo(() => toRecords(data.map(toAccount), isLoading), [data, isLoading])
}

/** All categories, archived ones included. */
export function useCategories(): Records<Category> {
  const { sql, parameters } = categoriesQuery(useWorkspaceId())
  const { data, isLoading } = useLiveQuery<CategoryRow>(sql, parameters)
  return useMemo(() => toRecords(data.map(toCategory), isLoading), [data, isLoading])
}

/** Until the ledger's own row is here, on a new device, a list that is empty says nothing. */
export function hasArrived(records: Records<unknown>, settings: object | null): boolean {
  return records.list.length > 0 || settings !== null
}

/** The ledger's own name and currency; null until its row has arrived. */
export function useWorkspaceSettings(): {
  readonly name: string
  readonly currency: string
} | null {
  const { sql, parameters } = settingsQuery(useWorkspaceId())
  const { data } = useLiveQuery<{ name: string | null; currency: string }>(sql, parameters)
  return useMemo(() => {
    const row = data[0]
    return row === undefined
      ? null
      : { name: shownName(row.name), currency: readCurrency(row.currency) }
  }, [data])
}

interface AccountRow {
  readonly id: string
  readonly name: string | null
  readonly type: AccountType
  readonly currency: string
  readonly opening_balance: number | bigint | null
  readonly note: string | null
  readonly sort_order: number
  readonly archived_at: number | null
}

function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    name: shownName(row.name),
    type: row.type,
    currency: readCurrency(row.currency),
    openingBalance: readAmount(row.opening_balance ?? 0),
    note: row.note ?? '',
    sortOrder: row.sort_order,
    archivedAt: row.archived_at,
  }
}

function readCurrency(code: string): string {
  return isCurrency(code) ? code : ''
}

interface CategoryRow {
  readonly id: string
  readonly kind: FlowKind
  readonly name: string | null
  readonly icon: string | null
  readonly colour: string | null
  readonly sort_order: number
  readonly archived_at: number | null
}

function toCategory(row: CategoryRow): Category {
  return {
    id: row.id,
    kind: row.kind,
    name: shownName(row.name),
    icon: row.icon,
    colour: row.colour,
    sortOrder: row.sort_order,
    archivedAt: row.archived_at,
  }
}

function toRecords<T extends { readonly id: string }>(
  list: readonly T[],
  isLoading: boolean,
): Records<T> {
  return { list, byId: new Map(list.map((record) => [record.id, record])), isLoading }
}
