import type pg from 'pg'
import type { CopiedPostgres } from './copied-postgres.ts'
import type { DevicePool } from './device-process.ts'
import { Fleet } from './fleet.ts'
import type { Edit, Kept, RowText, Rows } from './history.ts'
import { foundHousehold } from './household.ts'
import { compareRows, judge, type Finding } from './oracle.ts'
import type { CrashMoment, Plan, Step } from './plan.ts'
import type { ServerProcess } from './server-process.ts'

export interface Stage {
  readonly server: ServerProcess
  readonly postgres: CopiedPostgres
  readonly pool: pg.Pool
  readonly processes: DevicePool
}

export interface RunReport {
  readonly findings: readonly Finding[]
  /** Of each row with a finding, what people did to it and what is kept of it. */
  readonly stories: readonly string[]
  /** Why they did not come to an end, if they did not. */
  readonly unsettled: readonly string[]
  readonly edits: number
  readonly rows: number
  readonly kept: number
  /** By what was killed: a device in an upload, in routing or at any moment, or the server. */
  readonly kills: Readonly<Record<CrashMoment | 'server', number>>
  readonly spoiled: number
  /** Times that the server was put back to an earlier copy of itself. */
  readonly restores: number
  /** Rows of which a device said that the server lost them, and that were sent again. */
  readonly sentAgain: number
}

/** Everybody has what the server has within this time, on a busy machine too. */
const patienceMs = 45_000

/**
 * Plays a plan with a workspace of its own, and says what was wrong in the end.
 * @param sabotage done at the end of the plan, to see that it is found.
 */
export async function play(
  stage: Stage,
  plan: Plan,
  sabotage: (fleet: Fleet, workspaceId: string) => Promise<void> = () => Promise.resolve(),
): Promise<RunReport> {
  const { server, pool, processes } = stage
  stage.postgres.forgetCopy()
  const household = await foundHousehold(server.origin, pool)
  const { clockSkewsMs } = plan
  const fleet = await Fleet.open({ origin: server.origin, household, clockSkewsMs, processes })
  const serverKiller = new ServerKiller(stage)
  try {
    let unsettled: readonly string[] = []
    for (const step of plan.steps) {
      unsettled = await take(fleet, serverKiller, step)
      if (unsettled.length > 0) break
    }
    await serverKiller.done()
    if (unsettled.length === 0) {
      await sabotage(fleet, household.workspaceId)
      unsettled = await fleet.settle(patienceMs)
    }
    const expected = toRows(await household.readServerRows())
    const edits = await fleet.edits()
    const kept = await fleet.kept()
    const findings: Finding[] = []
    for (const [device, rows] of (await fleet.rows()).entries()) {
      findings.push(...compareRows(`device ${device}`, toRows(rows), expected))
    }
    findings.push(...judge(edits, expected, kept))
    return {
      findings,
      stories: tellStories(findings, edits, kept),
      unsettled,
      edits: edits.length,
      rows: expected.size,
      kept: kept.length,
      kills: { ...fleet.kills, server: serverKiller.kills },
      spoiled: fleet.spoiled,
      restores: serverKiller.restores,
      sentAgain: await fleet.sentAgain(),
    }
  } finally {
    await serverKiller.done()
    await fleet.close()
  }
}

export function isGreen({ findings, unsettled }: RunReport): boolean {
  return findings.length === 0 && unsettled.length === 0
}

/** @returns why those who were to meet did not. */
async function take(
  fleet: Fleet,
  serverKiller: ServerKiller,
  step: Step,
): Promise<readonly string[]> {
  switch (step.do) {
    case 'edit':
      await fleet.act(step.device, step.chance)
      break
    case 'decide':
      await fleet.decide(step.device, step.chance)
      break
    case 'go-offline':
      fleet.goOffline(step.device)
      break
    case 'go-online':
      await fleet.goOnline(step.device)
      break
    case 'spoil-upload':
      fleet.spoilUpload(step.device, step.fault)
      break
    case 'crash':
      await fleet.crash(step.device, step.moment, step.afterMs)
      break
    case 'kill-server':
      serverKiller.killAfter(step.afterMs)
      break
    case 'swallow-upload':
      fleet.spoilUpload(step.device, 'swallow')
      break
    case 'ask-keys':
      await fleet.askKeys(step.device, step.answer)
      break
    case 'copy-server':
      await serverKiller.copy()
      break
    case 'restore-server':
      await serverKiller.restore()
      break
    case 'meet':
      await serverKiller.done()
      // Who is offline stays so; a held request may still come.
      return fleet.meet(patienceMs)
  }
  return []
}

/** Kills the server while the plan goes on, and starts it again. */
class ServerKiller {
  readonly #server: ServerProcess
  readonly #postgres: CopiedPostgres
  #turn: Promise<void> = Promise.resolve()
  kills = 0
  restores = 0

  constructor({ server, postgres }: Stage) {
    this.#server = server
    this.#postgres = postgres
  }

  async copy(): Promise<void> {
    await this.#turn
    await this.#server.kill()
    await this.#postgres.copy()
    await this.#server.start()
  }

  async restore(): Promise<void> {
    await this.#turn
    await this.#server.kill()
    if (await this.#postgres.restore()) this.restores += 1
    await this.#server.start()
  }

  killAfter(ms: number): void {
    this.#turn = this.#turn.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      await this.#server.kill()
      this.kills += 1
      await this.#server.start()
    })
    // `done` tells of a failure.
    this.#turn.catch(() => undefined)
  }

  done(): Promise<void> {
    return this.#turn
  }
}

function tellStories(
  findings: readonly Finding[],
  edits: readonly Edit[],
  kept: readonly Kept[],
): string[] {
  return [...new Set(findings.map(({ key }) => key))].flatMap((key) => {
    const isIts = ({ table, id }: Edit | Kept) => `${table}/${id}` === key
    const told = [...edits.filter(isIts), ...kept.filter(isIts)].map((each) => JSON.stringify(each))
    return [...new Set(told)]
  })
}

function toRows(dumped: readonly { readonly key: string; readonly row: RowText }[]): Rows {
  return new Map(dumped.map(({ key, row }) => [key, row]))
}
