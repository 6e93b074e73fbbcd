import { useCallback } from 'react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { uuidPattern } from '@sealbook/schema'

/** Where a screen shows the form of one of its rows. */
export function editLink(screen: string, rowId: string): string {
  return `${screen}?edit=${rowId}`
}

/** The id of the row whose form the address asks for, and how to take that back when it closes. */
export function useEditLink(): readonly [rowId: string | null, close: () => void] {
  const navigate = useNavigate()
  const { edit }: { readonly edit?: unknown } = useSearch({ strict: false })
  const rowId = typeof edit === 'string' && uuidPattern.test(edit) ? edit : null
  const close = useCallback(() => {
    if (rowId === null) return
    const search = (before: object) => ({ ...before, edit: undefined })
    void navigate({ to: '.', search, replace: true, resetScroll: false })
  }, [navigate, rowId])
  return [rowId, close]
}
