import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import golden from './vectors.json' with { type: 'json' }

const document = readFileSync(new URL('../../../../docs/crypto.md', import.meta.url), 'utf8')
const [opening, sealing] = [...document.matchAll(/```example\n([^`]*)```/g)].map((match) =>
  parseExample(match[1] ?? ''),
)
const [envelope] = golden.envelopes
const [rowSeal] = golden.rowSeals
const [subkeys] = golden.subkeys
const wrapped = golden.wrapped.find((each) => each.name === 'data key')

describe('the worked example in docs/crypto.md', () => {
  it('opens the golden envelope', () => {
    expect(opening).toEqual({
      'user key': golden.inputs.userKey,
      'wrapped data key': hexOf(wrapped?.wrapped),
      'data key AAD': wrapped?.aad,
      'data key': golden.inputs.dataKey,
      'fields subkey': subkeys?.fields,
      envelope: hexOf(envelope?.envelope),
      'envelope AAD': envelope?.aad,
      plaintext: envelope?.plaintext,
    })
    expect(document).toContain(`\n${envelope?.envelope}\n`)
    expect(document).toContain(`\n${wrapped?.wrapped}\n`)
    expect(document).toContain(`the integer ${envelope?.value}:`)
  })

  it('computes the golden row seal', () => {
    expect(sealing).toEqual({
      'row-seals subkey': subkeys?.rowSeals,
      message: rowSeal?.message,
      seal: hexOf(rowSeal?.seal),
    })
    const row = /```json\n([^`]*)```/.exec(document)?.[1]
    expect(JSON.parse(row ?? '')).toEqual(rowSeal?.row)
  })
})

/** Labels at the line's start; their hex on the indented lines below. */
function parseExample(text: string): Record<string, string> {
  const entries = text.split(/^(?=\S)/m).map((block) => block.trim().split('\n'))
  return Object.fromEntries(
    entries.map(([label = '', ...lines]) => [label, lines.map((line) => line.trim()).join('')]),
  )
}

function hexOf(text = ''): string {
  return Buffer.from(text, 'base64url').toString('hex')
}
