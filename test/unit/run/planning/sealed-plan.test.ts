import { expect, test } from 'vitest'
import type { SealedPlan } from '../../../../src/plan/plan-digest.ts'
import { definitionDigest, differencesOf } from '../../../../src/run/planning/sealed-plan.ts'
import type { Sync } from '../../../../src/types.ts'

const sealed: SealedPlan = {
  sync: 'contacts',
  model: 'model.shop.people',
  relation: '"shop"."people"',
  definition: 'd',
  operations: [
    { operation: 'create', rows: 3, digest: 'a' },
    { operation: 'update', rows: 1200, digest: 'b' },
  ],
  makes: ['property tier'],
}

test('a plan that is the same does not differ, and what is made already is made no more', () => {
  expect(differencesOf(sealed, { ...sealed, makes: [] })).toEqual([])
})

test('differences are told with the counts before and after', () => {
  expect(
    differencesOf(sealed, {
      ...sealed,
      relation: '"shop"."people_v2"',
      definition: 'e',
      operations: [
        { operation: 'create', rows: 3, digest: 'c' },
        { operation: 'archive', rows: 1, digest: 'a' },
      ],
      makes: ['property plan'],
    }),
  ).toEqual([
    'model "shop"."people" → "shop"."people_v2"',
    'the sync is defined otherwise',
    'create 3 as planned, but other rows or values',
    'update 1,200 → 0',
    'archive 0 → 1',
    'a run would make property plan',
  ])
})

test('a definition is the same wherever and in whatever order it is written', () => {
  const model = { uniqueId: 'model.shop.people', relationName: 'people', tags: ['a'] }
  const one = {
    name: 'a',
    mode: 'upsert',
    model,
    origin: { file: 'a.yml' },
    mappings: [{ key: 'x', origin: { file: 'a.yml' } }],
  }
  const other = {
    mappings: [{ origin: { file: 'b.yml' }, key: 'x' }],
    model: { ...model, tags: [] },
    origin: { file: 'b.yml' },
    mode: 'upsert',
    name: 'a',
  }
  const digest = (sync: object) => definitionDigest(sync as Sync)
  expect(digest(one)).toBe(digest(other))
  expect(digest(one)).not.toBe(digest({ ...one, mode: 'update' }))
  expect(digest(one)).not.toBe(digest({ ...one, where: 'x' }))
})
