import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { makePlan, type Plan } from './plan.ts'
import { isGreen, play, type RunReport } from './run.ts'
import { planSize, seeds, shrinks } from './settings.ts'
import { shrink } from './shrink.ts'
import { openStage } from './stage.ts'

const shrinkPlays = 60
vi.setConfig({
  testTimeout:
    (120_000 +
      planSize.operations * 1_000 +
      (planSize.kills + planSize.lies + planSize.restores) * 30_000) *
    (shrinks ? shrinkPlays : 1),
  hookTimeout: 120_000,
})

const keptPlans = path.join(import.meta.dirname, 'seeds')

let stage: Awaited<ReturnType<typeof openStage>>
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

describe('devices that edit, disagree, lose the network and die', () => {
  it.each(seeds)('agree in the end and lose nothing (seed %i)', async (seed) => {
    const plan = makePlan(seed, planSize)
    const report = await play(stage, plan)
    print(`seed ${seed}`, report)
    if (!isGreen(report) && shrinks) await keepSmaller(plan)
    expectGreen(report)
  })

  it('agree and lose nothing although the server loses its last seconds', async () => {
    const [seed = 0] = seeds
    const size = { devices: 3, operations: 30, kills: 0, lies: 1, restores: 1 }
    const report = await play(stage, makePlan(seed, size))
    print(`seed ${seed}, short, with a restore`, report)
    expectGreen(report)
  })

  it('agree where they once did not', async () => {
    const names = (await readdir(keptPlans)).filter((name) => name.endsWith('.json'))
    for (const name of names) {
      const plan = JSON.parse(await readFile(path.join(keptPlans, name), 'utf8')) as Plan
      const report = await play(stage, plan)
      print(name, report)
      expectGreen(report)
    }
  })
})

describe('the harness itself', () => {
  const quiet = { devices: 2, operations: 12, kills: 0, lies: 0, restores: 0 }

  it('notices an upload that was thrown away, and that nobody holds against the server', async () => {
    const report = await play(stage, makePlan(1, quiet), async (fleet) => {
      await fleet.settle(60_000)
      await fleet.forgetOwed(1)
      fleet.spoilUpload(1, 'swallow')
      await fleet.act(1, 5)
      await fleet.meet(60_000)
    })
    expect(report.findings.map(({ kind }) => kind)).toContain('lost-edit')
  })

  it('notices a row that vanished everywhere', async () => {
    const report = await play(stage, makePlan(2, quiet), async (fleet, workspaceId) => {
      await fleet.settle(60_000)
      await stage.pool.query('DELETE FROM workspace_settings_encrypt WHERE workspace_id = $1', [
        workspaceId,
      ])
    })
    expect(report.unsettled).toEqual([])
    expect(report.findings.map(({ kind }) => kind)).toContain('lost-edit')
  })
})

function print(name: string, { findings, stories, ...report }: RunReport): void {
  console.log(`converge: ${name} ${JSON.stringify({ findings: findings.length, ...report })}`)
  for (const story of stories) console.log(`converge: ${name}: ${story}`)
}

function expectGreen({ findings, unsettled }: RunReport): void {
  expect({ findings, unsettled }).toEqual({ findings: [], unsettled: [] })
}

/** From then on every run plays it. */
async function keepSmaller(plan: Plan): Promise<void> {
  const fails = async (candidate: Plan) => !isGreen(await play(stage, candidate))
  const small = await shrink(plan, fails, shrinkPlays)
  await mkdir(keptPlans, { recursive: true })
  const file = path.join(keptPlans, `${plan.seed}.json`)
  await writeFile(file, `${JSON.stringify(small, null, 2)}\n`)
  console.log(`converge: seed ${plan.seed} shrunk to ${small.steps.length} steps: ${file}`)
}
