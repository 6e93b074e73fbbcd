import { seededRandom } from '../browser/seeded-random.ts'
import { installHistory, inVersion, removeHistory } from './clock.ts'
import { Fleet, type Member } from './fleet.ts'
import { addPerson, addWorkspace } from './people.ts'
import { openSuite, type Suite } from './suite.ts'
import { RolledBack, World } from './world.ts'

const clients = 6
/** So many of them see the clock. */
const clockViewers = 4
const workspaces = 3

/** Clients over a world, and the chance that moves both. */
export interface Run {
  readonly suite: Suite
  readonly world: World
  readonly fleet: Fleet
  operate(): Promise<void>
  close(): Promise<void>
}

/** @param open where it runs; by default the engine under test. */
export async function openRun(
  seed: number,
  open: () => Promise<Suite> = () => openSuite(),
): Promise<Run> {
  const suite = await open()
  try {
    return await populate(suite, seed)
  } catch (error) {
    await suite.close()
    throw error
  }
}

async function populate(suite: Suite, seed: number): Promise<Run> {
  const { pool } = suite
  await installHistory(pool)
  const people: string[] = []
  const places: string[] = []
  await inVersion(pool, async (db) => {
    for (let n = 0; n < clients; n++) people.push(await addPerson(db))
    for (const person of people.slice(0, clockViewers)) {
      await db.query(`INSERT INTO contract_clock_viewers VALUES ($1, 'clock')`, [person])
    }
    for (let n = 0; n < workspaces; n++) {
      const members = people.filter((_, index) => index % workspaces !== n)
      places.push(await addWorkspace(db, people[0] ?? '', members))
    }
  })
  const world = new World(seededRandom(seed), people, places)
  await world.read(pool)
  const fleet = new Fleet(suite)
  for (const person of people) await fleet.add(person)
  return {
    suite,
    world,
    fleet,
    async operate() {
      try {
        await inVersion(pool, (db) => world.operate(db))
      } catch (error) {
        await world.read(pool)
        if (!(error instanceof RolledBack)) throw error
      }
    },
    async close() {
      await suite.closeClients()
      await removeHistory(pool)
      await suite.close()
    },
  }
}

/** What happened in a run. */
export interface RunReport {
  readonly operations: number
  readonly checkpoints: number
  readonly disconnects: number
  readonly cuts: number
  readonly newDevices: number
  readonly ownWrites: number
  readonly engineRestarts: number
}

/**
 * Random operations one after the other, while clients come and go and the engine is restarted.
 * Every checkpoint of every client is checked on the way; at the end all hold the same as Postgres.
 * @throws at the first checkpoint that shows what was never true.
 */
export async function randomRun(run: Run, operations: number): Promise<RunReport> {
  const { suite, world, fleet } = run
  const report = { disconnects: 0, cuts: 0, newDevices: 0, ownWrites: 0, engineRestarts: 0 }
  const { engine } = suite.target
  let restart = Promise.resolve()
  let isRestarting = false
  const settleEvery = Math.max(50, Math.floor(operations / 8))
  const restartEngine = async () => {
    if (!engine) return
    await (world.chance(0.5) ? engine.kill() : engine.stop())
    await engine.start()
    isRestarting = false
  }
  const viewers = () =>
    fleet.members.slice(0, clockViewers).filter(({ isConnected }) => isConnected)

  for (let operation = 1; operation <= operations; operation++) {
    await run.operate()
    const member: Member = world.pick(fleet.members)
    if (world.chance(0.02)) {
      report.disconnects += 1
      if (member.isConnected) await fleet.disconnect(member)
      else fleet.connect(member)
    }
    if (world.chance(0.01)) {
      report.cuts += 1
      suite.gateway.treatment(member.client.clientId).cutAfterDataLines = world.pick([0, 1, 3])
    }
    if (world.chance(0.03) && viewers().includes(member)) {
      report.ownWrites += 1
      await fleet.write(member, world)
    }
    if (engine && !isRestarting && world.chance(0.005)) {
      report.engineRestarts += 1
      isRestarting = true
      restart = restartEngine()
      restart.catch(() => undefined) // awaited below
    }
    if (world.chance(0.002)) {
      report.newDevices += 1
      await fleet.replace(member)
    }
    // Sometimes clients follow closely, sometimes they fall behind.
    if (world.chance(0.08) && !isRestarting && viewers().length > 0) {
      await fleet.catchUp(world.pick(viewers()))
    }
    if (operation % 25 === 0) await fleet.check()
    if (operation % settleEvery === 0) {
      await restart
      await fleet.settle()
    }
  }
  await restart
  for (const member of fleet.members) if (!member.isConnected) fleet.connect(member)
  await fleet.settle()
  return { operations, checkpoints: fleet.checked, ...report }
}
