import { expect, test } from 'vitest'
import { inDependencyOrder } from '../../../src/run/dependency-order.ts'
import type { Association, EventSource } from '../../../src/types.ts'

const to = (sync: string) =>
  ({ target: { kind: 'sync', sync, key: ['id'] } }) as unknown as Association
const sync = (name: string, ...others: readonly string[]) => ({
  name,
  associations: others.map(to),
})
const names = (...syncs: readonly ReturnType<typeof sync>[]) =>
  inDependencyOrder(syncs).map(({ name }) => name)

test('a sync comes after those that it names', () => {
  expect(names(sync('a', 'c', 'other'), sync('b'), sync('c', 'd'), sync('d'))).toEqual([
    'd',
    'c',
    'a',
    'b',
  ])
})

test('without names, and in a circle, the order stays', () => {
  expect(names(sync('b'), sync('a'))).toEqual(['b', 'a'])
  expect(names(sync('a', 'b'), sync('b', 'a'), sync('c', 'c'))).toEqual(['b', 'a', 'c'])
})

test('events come after whom they are about', () => {
  const event = { about: { kind: 'sync', sync: 'people' } } as unknown as EventSource
  const jobs = { ...sync('jobs'), event }
  expect(inDependencyOrder([jobs, sync('people')]).map(({ name }) => name)).toEqual([
    'people',
    'jobs',
  ])
})
