import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entities, entityOf } from './entities.ts'
import type { Entity } from './entity.ts'
import { isEdited, mergeRows, type Cells } from './merge-rows.ts'

/** Few values, so that sides often agree. */
const cell = fc.constantFrom<Cells[string]>(null, 'a', 'b', 9_007_199_254_740_993n)
const row = (entity: Entity): fc.Arbitrary<Cells> => {
  const own = Object.keys(entity.columns).map((name) => [name, cell] as const)
  return fc.record({ ...Object.fromEntries(own), updated_at: fc.nat(9), created_at: fc.nat(9) })
}
/** A version made from another by changing a few columns. */
const edited = (entity: Entity, base: Cells): fc.Arbitrary<Cells> =>
  fc.tuple(row(entity), fc.subarray(Object.keys(entity.columns))).map(([other, names]) => ({
    ...base,
    ...Object.fromEntries(names.map((name) => [name, other[name] ?? null])),
    updated_at: other['updated_at'] ?? null,
  }))
const scene = fc.constantFrom<Entity>(...entities).chain((entity) =>
  row(entity).chain((base) =>
    fc.record({
      entity: fc.constant(entity),
      base: fc.constant<Cells>(base),
      mine: edited(entity, base),
      theirs: edited(entity, base),
    }),
  ),
)
const own = (entity: Entity, cells: Cells): Cells =>
  Object.fromEntries(Object.keys(entity.columns).map((name) => [name, cells[name] ?? null]))

describe('mergeRows', () => {
  it('loses no edit: each is in the result or in conflict', () => {
    fc.assert(
      fc.property(scene, fc.boolean(), ({ entity, base, mine, theirs }, knowsBase) => {
        const merged = mergeRows(entity, knowsBase ? base : null, mine, theirs)
        const contested = new Set(merged.conflicts.flat())
        for (const name of Object.keys(entity.columns)) {
          if (contested.has(name)) continue
          const kept = merged.values[name] ?? null
          if (mine[name] !== base[name]) expect(kept).toBe(mine[name])
          if (theirs[name] !== base[name]) expect(kept).toBe(theirs[name])
        }
      }),
    )
  })

  it('is the same on both sides, but for whose value is shown where both changed a field', () => {
    fc.assert(
      fc.property(scene, ({ entity, base, mine, theirs }) => {
        const here = mergeRows(entity, base, mine, theirs)
        const there = mergeRows(entity, base, theirs, mine)
        expect(here.conflicts).toEqual(there.conflicts)
        const contested = new Set(here.conflicts.flat())
        for (const name of Object.keys(entity.columns)) {
          if (!contested.has(name)) expect(here.values[name]).toBe(there.values[name])
          else expect(here.values[name]).toBe(theirs[name])
        }
      }),
    )
  })

  it('leaves a version as it is where the other side changed nothing, or the same', () => {
    fc.assert(
      fc.property(scene, ({ entity, base, mine }) => {
        const untouched = { ...base, updated_at: 99 }
        expect(mergeRows(entity, base, untouched, mine).values).toEqual(mine)
        expect(own(entity, mergeRows(entity, base, mine, untouched).values)).toEqual(
          own(entity, mine),
        )
        const same = mergeRows(entity, base, mine, mine)
        expect(same).toEqual({ values: mine, takesMine: false, conflicts: [] })
        expect(mergeRows(entity, base, mine, untouched).takesMine).toBe(
          isEdited(entity, base, mine),
        )
      }),
    )
  })

  it('never mixes two versions within a group', () => {
    fc.assert(
      fc.property(scene, ({ entity, base, mine, theirs }) => {
        const { values } = mergeRows(entity, base, mine, theirs)
        for (const { columns, when } of entity.mergeGroups) {
          const touched =
            when === undefined || mine[when] !== base[when] || theirs[when] !== base[when]
          if (!touched) continue
          const isFrom = (side: Cells) => columns.every((name) => values[name] === side[name])
          expect(isFrom(mine) || isFrom(theirs)).toBe(true)
        }
      }),
    )
  })

  it('takes the later time of change with mine, and theirs alone otherwise', () => {
    const entity = entityOf('transactions')
    const base = { payee: 'Shop', note: '', updated_at: 1 }
    const theirs = { ...base, note: 'gift', updated_at: 5 }
    expect(mergeRows(entity, base, { ...base, payee: 'Book shop', updated_at: 3 }, theirs)).toEqual(
      {
        values: { payee: 'Book shop', note: 'gift', updated_at: 5 },
        takesMine: true,
        conflicts: [],
      },
    )
    expect(mergeRows(entity, base, { ...base, updated_at: 9 }, theirs).values).toEqual(theirs)
  })
})

describe('groups of columns', () => {
  const entity = entityOf('transactions')
  const base: Cells = {
    account_id: 'a',
    category_id: 'c',
    kind: 'expense',
    amount: -5n,
    payee: 'x',
  }
  const conflictsOf = (mine: Cells, theirs: Cells) =>
    mergeRows(entity, base, { ...base, ...mine }, { ...base, ...theirs }).conflicts

  it.each<[string, Cells, Cells, readonly (readonly string[])[]]>([
    ['category and amount', { category_id: 'd' }, { amount: -6n }, []],
    [
      'rate and amount',
      { original_rate: '1.5' },
      { amount: -6n },
      [['amount', 'original_amount', 'original_currency', 'original_rate']],
    ],
    [
      'account and amount',
      { account_id: 'b' },
      { amount: -6n },
      [['account_id', 'amount', 'original_amount', 'original_currency', 'original_rate']],
    ],
    [
      'kind and category',
      { kind: 'income', amount: 5n },
      { category_id: 'd' },
      [
        [
          ...['category_id', 'kind', 'amount'],
          ...['original_amount', 'original_currency', 'original_rate'],
        ],
      ],
    ],
    ['account and payee', { account_id: 'b' }, { payee: 'y' }, []],
  ])('%s changed on one side each', (_, mine, theirs, expected) => {
    expect(conflictsOf(mine, theirs)).toEqual(expected)
  })

  it('name columns of their entity', () => {
    for (const { columns, mergeGroups } of entities.map((each): Entity => each)) {
      const named = mergeGroups.flatMap((group) => [
        ...group.columns,
        ...(group.when ? [group.when] : []),
      ])
      expect(Object.keys(columns)).toEqual(expect.arrayContaining(named))
    }
  })
})
