import { useEffect, useState } from 'react'
import { loadEstimator, type Strength } from './strength.ts'

/** The strength of a secret key, or null while the estimator is on its way or nothing is typed. */
export function useStrength(secretKey: string): Strength | null {
  const [estimate, setEstimate] = useState<((secretKey: string) => Strength) | null>(null)
  useEffect(() => {
    let isGone = false
    void loadEstimator().then((loaded) => {
      if (!isGone) setEstimate(() => loaded)
    })
    return () => {
      isGone = true
    }
  }, [])
  return estimate === null || secretKey === '' ? null : estimate(secretKey)
}
