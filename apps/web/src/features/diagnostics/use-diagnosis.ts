import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { isDifference } from '@sealbook/crypto-router'
import type { EntityTable } from '@sealbook/schema'
import { useInspection } from '../../data/session-context.tsx'
import { compareEverything, type CompareProgress, type Comparison } from './compare-everything.ts'
import { inspectRows } from './inspect-rows.ts'
import { repairRows, type RepairedRow } from './repair-rows.ts'

interface RowName {
  readonly table: EntityTable
  readonly id: string
}

/** What the person started on this screen and what came of it. */
export interface Diagnosis {
  readonly work: 'comparing' | 'repairing' | null
  readonly progress: CompareProgress | null
  readonly comparison: Comparison | null
  /** Newest last. */
  readonly repaired: readonly RepairedRow[]
  compare(): Promise<void>
  repair(rows: readonly RowName[]): Promise<void>
  repairAll(): Promise<void>
}

export function useDiagnosis(): Diagnosis {
  const inspection = useInspection()
  const [work, setWork] = useState<Diagnosis['work']>(null)
  const [progress, setProgress] = useState<CompareProgress | null>(null)
  const [comparison, setComparison] = useState<Comparison | null>(null)
  const [repaired, setRepaired] = useState<readonly RepairedRow[]>([])
  const leaving = useRef<AbortController | null>(null)
  useEffect(() => () => leaving.current?.abort(), [])

  const compare = useCallback(async () => {
    leaving.current?.abort()
    const stopping = new AbortController()
    leaving.current = stopping
    setWork('comparing')
    setRepaired([])
    try {
      const compared = await compareEverything(inspection, {
        signal: stopping.signal,
        onProgress: (now) => setProgress(now),
      })
      setComparison(compared)
    } catch (error) {
      // The person went elsewhere.
      if (!stopping.signal.aborted) throw error
    } finally {
      setWork(null)
      setProgress(null)
    }
  }, [inspection])

  const repair = useCallback(
    async (rows: readonly RowName[]) => {
      setWork('repairing')
      try {
        const done = await repairRows(inspection, rows)
        setRepaired((before) => [...before, ...done])
        if (comparison !== null) {
          const tables = await Promise.all(
            comparison.tables.map(async (table) => {
              const ids = table.differing.map(({ sides }) => sides.id)
              if (ids.length === 0) return table
              const looked = await inspectRows(inspection, table.table, ids)
              const differing = looked.rows.filter(({ verdict }) => isDifference(verdict))
              return { ...table, differing }
            }),
          )
          setComparison({ ...comparison, tables })
        }
      } finally {
        setWork(null)
      }
    },
    [inspection, comparison],
  )

  return useMemo(
    () => ({
      work,
      progress,
      comparison,
      repaired,
      compare,
      repair,
      repairAll: () =>
        repair(
          comparison?.tables.flatMap(({ table, differing }) =>
            differing.map(({ sides }) => ({ table, id: sides.id })),
          ) ?? [],
        ),
    }),
    [work, progress, comparison, repaired, compare, repair],
  )
}
