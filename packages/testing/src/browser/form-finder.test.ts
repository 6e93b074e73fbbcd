import { randomBytes, randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createFormFinder } from './form-finder.ts'
import { formsOf, type KeyForm } from './sought-keys.ts'

describe('createFormFinder', () => {
  it('finds every form wherever it stands, and as often', () => {
    const forms = ['user key', 'data key'].flatMap((name) =>
      formsOf({ name, bytes: randomBytes(32) }),
    )
    const finder = createFormFinder(forms)
    for (let round = 0; round < 300; round += 1) {
      const block = randomInt(2) === 0 ? Buffer.alloc(2_000) : randomBytes(2_000)
      for (let copies = randomInt(4); copies > 0; copies -= 1) {
        const { bytes } = forms[randomInt(forms.length)] as KeyForm
        bytes.copy(block, randomInt(block.length - bytes.length + 1))
      }
      expect(finder.find(block, block.length).sort()).toEqual(countOneByOne(block, forms).sort())
    }
  })

  it('leaves what begins behind the border to the next block', () => {
    const forms = formsOf({ name: 'user key', bytes: randomBytes(32) })
    const finder = createFormFinder(forms)
    const memory = Buffer.alloc(1_000)
    const { name, bytes } = forms[0] as KeyForm
    for (let place = 0; place <= memory.length - bytes.length; place += 1) {
      memory.fill(0)
      bytes.copy(memory, place)
      const border = 500
      const found = [
        ...finder.find(memory.subarray(0, border + finder.overlap), border),
        ...finder.find(memory.subarray(border), memory.length),
      ]
      expect(found).toEqual([name])
    }
  })

  it('finds nothing where one byte differs', () => {
    const forms = formsOf({ name: 'user key', bytes: randomBytes(32) })
    const finder = createFormFinder(forms)
    for (const { bytes } of forms) {
      const block = Buffer.concat([randomBytes(77), bytes, randomBytes(77)])
      const place = 77 + randomInt(bytes.length)
      block[place] = (block[place] ?? 0) ^ 1
      expect(finder.find(block, block.length)).toEqual([])
    }
  })
})

function countOneByOne(block: Buffer, forms: readonly KeyForm[]): string[] {
  return forms.flatMap(({ name, bytes }) => {
    const found: string[] = []
    for (let at = block.indexOf(bytes); at >= 0; at = block.indexOf(bytes, at + 1)) found.push(name)
    return found
  })
}
