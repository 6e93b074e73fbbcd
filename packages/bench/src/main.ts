import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { BenchResult, Workload } from './measure.ts'
import { envelopeWorkload } from './workloads/envelope.ts'
import { firstSyncWorkload } from './workloads/first-sync.ts'
import { propagationWorkload } from './workloads/propagation.ts'
import { routerOpenWorkload } from './workloads/router-open.ts'
import { syncMemoryWorkload } from './workloads/sync-memory.ts'
import { syncSpeedWorkload } from './workloads/sync-speed.ts'
import { transactionsWorkload } from './workloads/transactions.ts'
import { uploadWorkload } from './workloads/upload.ts'

const workloads: readonly Workload[] = [
  envelopeWorkload,
  routerOpenWorkload,
  transactionsWorkload,
  propagationWorkload,
  firstSyncWorkload,
  uploadWorkload,
  syncSpeedWorkload,
  syncMemoryWorkload,
]
const resultsDir = join(process.cwd(), 'results')

await main(process.argv[2] ?? '')

/** Runs every workload that has a result whose name starts with `prefix`. */
async function main(prefix: string): Promise<void> {
  const results: BenchResult[] = []
  for (const workload of workloads) {
    if (!workload.names.some((name) => name.startsWith(prefix))) continue
    const measured = (await workload.run()).filter((result) => result.name.startsWith(prefix))
    printTable(measured)
    results.push(...measured)
    await write(results) // a run that is cut short keeps what it has
  }
  if (results.length === 0) throw new Error(`no benchmark's name starts with '${prefix}'`)
}

async function write(results: readonly BenchResult[]): Promise<void> {
  const [cpu] = cpus()
  const machine = `${cpu?.model ?? 'unknown'} x ${cpus().length}`
  const summary = { machine, node: process.version, date: new Date().toISOString(), results }
  await mkdir(resultsDir, { recursive: true })
  await writeFile(join(resultsDir, 'latest.json'), `${JSON.stringify(summary, null, 2)}\n`)
}

function printTable(results: readonly BenchResult[]): void {
  const rows = results.map((result) => [
    result.name,
    result.unit,
    formatNumber(result.ours),
    formatNumber(result.reference),
    result.ratio.toFixed(2),
    result.goal,
    result.holds ? 'holds' : 'MISSED',
  ])
  const header = ['name', 'unit', 'ours', 'reference', 'ratio', 'goal', '']
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  for (const row of [header, ...rows])
    process.stdout.write(
      `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`,
    )
}

function formatNumber(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(2)
}
