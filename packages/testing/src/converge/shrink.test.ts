import { describe, expect, it } from 'vitest'
import { makePlan, type Plan } from './plan.ts'
import { shrink } from './shrink.ts'

const plan = makePlan(7, { devices: 4, operations: 60, kills: 1, lies: 1, restores: 1 })

describe('making a failing plan small', () => {
  it('leaves the steps that matter, and the devices that take them', async () => {
    const needed = plan.steps.filter((step) => 'device' in step && step.device === 3).slice(2, 5)
    const chances = needed.map((step) => ('chance' in step ? step.chance : step.do))
    const fails = (candidate: Plan) => {
      const left = candidate.steps.map((step) => ('chance' in step ? step.chance : step.do))
      return Promise.resolve(chances.every((chance) => left.includes(chance)))
    }
    const small = await shrink(plan, fails, 1_000)
    expect(small.clockSkewsMs).toHaveLength(1)
    expect(small.steps).toHaveLength(new Set(chances).size)
    expect(await fails(small)).toBe(true)
  })

  it('ends after so many plays with the smallest plan that failed', async () => {
    let plays = 0
    const small = await shrink(plan, () => Promise.resolve(++plays === 1), 5)
    expect(plays).toBe(5)
    expect(small.clockSkewsMs).toHaveLength(3)
  })

  it('means the same steps by a seed, whatever the server lies about in between', () => {
    const honest = makePlan(7, { devices: 4, operations: 60, kills: 1, lies: 0, restores: 0 })
    const kinds = ['swallow-upload', 'ask-keys', 'copy-server', 'restore-server']
    const isHonest = (step: Plan['steps'][number]) => !kinds.includes(step.do)
    expect(plan.steps.filter(isHonest)).toEqual(honest.steps)
    expect(plan.steps.length).toBe(honest.steps.length + 4)
  })

  it('makes the same plan of the same seed', () => {
    expect(makePlan(7, { devices: 4, operations: 60, kills: 1, lies: 1, restores: 1 })).toEqual(
      plan,
    )
    expect(makePlan(8, { devices: 4, operations: 60, kills: 1, lies: 1, restores: 1 })).not.toEqual(
      plan,
    )
  })
})
