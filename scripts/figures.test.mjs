import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { documents, readSummary, withFigures } from './figures.mjs'
import { root } from './run.mjs'

const read = (file) => readFile(path.join(root, file), 'utf8')

describe('figures in documents', () => {
  it.each(documents)('$file has those of the last bench run', async ({ file, rows }) => {
    const text = await read(file)
    // Otherwise: node scripts/figures.mjs
    expect(text).toBe(await withFigures(text, rows, await readSummary()))
  })

  it('say that a goal was missed, and say nothing of what was not measured', async () => {
    const [{ file, rows }] = documents
    const [live] = (await readSummary()).results.filter(({ name }) => name === 'sync.live')
    const summary = { machine: 'one', date: '2026-01-02T03:04:05Z' }
    const missed = { ...live, ours: 51.26, holds: false }
    const text = await withFigures(await read(file), rows, { ...summary, results: [missed] })
    expect(text).toMatch(/`sync\.live` .*\| 51\.3 ms: missed \|/)
    expect(text).toContain('Of 2026-01-02, on one.')
    expect(text).not.toMatch(/\| `sync\.memory`/)
  })

  it('are nowhere else in present documents', async () => {
    const verdict = /\| not yet +\||, missed\b/i
    const present = (await readdir(path.join(root, 'docs'))).filter((name) => name.endsWith('.md'))
    for (const name of present) {
      const file = `docs/${name}`
      const parts = (await read(file)).split(/<!-- (?:end of )?figures.*-->/)
      const outside = parts.filter((_, at) => at % 2 === 0).join('')
      expect([file, verdict.exec(outside)?.[0]]).toEqual([file, undefined])
    }
  })
})
