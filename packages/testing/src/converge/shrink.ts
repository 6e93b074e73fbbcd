import { withoutDevice, withoutSteps, type Plan } from './plan.ts'

/**
 * A smaller plan that still fails: without devices first, then without ever smaller parts of its
 * steps. A plan repeats what is done, not the machine's timing, so the smallest one may fail now
 * and then only.
 * @param fails plays a plan.
 * @param mostPlays ends the search.
 */
export async function shrink(
  plan: Plan,
  fails: (candidate: Plan) => Promise<boolean>,
  mostPlays: number,
): Promise<Plan> {
  let best = plan
  let plays = 0
  const tryPlan = async (candidate: Plan): Promise<boolean> => {
    if (plays >= mostPlays) return false
    plays += 1
    if (!(await fails(candidate))) return false
    best = candidate
    return true
  }
  for (let device = best.clockSkewsMs.length - 1; device >= 0; device--) {
    if (best.clockSkewsMs.length > 1) await tryPlan(withoutDevice(best, device))
  }
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < best.steps.length;) {
      const gone = new Set(Array.from({ length: size }, (_, n) => start + n))
      if (!(await tryPlan(withoutSteps(best, gone)))) start += size
    }
  }
  return best
}
