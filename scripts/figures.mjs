// node scripts/figures.mjs: writes the figures of the last bench run into the documents that state them.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { format } from 'prettier'
import { root } from './run.mjs'

/** Documents with figures, and the benchmarks that each shows, in what words. */
export const documents = [
  {
    file: 'docs/scaling.md',
    rows: {
      'sync.firstDownload': '50,000 rows to a new device, against inserting them from memory',
      'sync.live': 'COMMIT to visible on a device, median',
      'sync.live500': 'the same with 500 idle devices connected, against `sync.live`',
      'sync.memory': 'resident memory of the engine after 1,000,000 operations',
    },
  },
]

const begin =
  '<!-- figures: written by scripts/figures.mjs from packages/bench/results/latest.json -->'
const end = '<!-- end of figures -->'

/** The document with the figures of `summary` in their place. */
export async function withFigures(text, rows, summary) {
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error('the document has no place for figures')
  const filled = `${before}${begin}\n\n${figures(rows, summary)}\n\n${end}${after}`
  return await format(filled, { parser: 'markdown', printWidth: 100 })
}

function figures(rows, { machine, date, results }) {
  const lines = Object.entries(rows).flatMap(([name, words]) => {
    const result = results.find((candidate) => candidate.name === name)
    // What the last run left out has no figure.
    return result ? [`| \`${name}\` | ${words} | ${result.goal} | ${measured(result)} |`] : []
  })
  return [
    `Of ${date.slice(0, 10)}, on ${machine}.`,
    '',
    '| benchmark | what it is | goal | measured |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

function measured({ unit, ours, ratio, goal, holds }) {
  const parts = []
  if (goal.includes('ratio')) parts.push(`ratio ${ratio.toFixed(2)}`)
  parts.push(
    `${ours >= 1_000 ? Math.round(ours).toLocaleString('en') : Number(ours.toFixed(1))} ${unit}`,
  )
  return `${parts.join(', ')}${holds ? '' : ': missed'}`
}

export async function readSummary() {
  return JSON.parse(await readFile(path.join(root, 'packages/bench/results/latest.json'), 'utf8'))
}

if (process.argv[1] === import.meta.filename) {
  const summary = await readSummary()
  for (const { file, rows } of documents) {
    const at = path.join(root, file)
    await writeFile(at, await withFigures(await readFile(at, 'utf8'), rows, summary))
  }
}
