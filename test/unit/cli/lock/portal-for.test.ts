import { expect, test } from 'vitest'
import { portalFor } from '../../../../src/cli/lock/portal-source.ts'
import type { LockedPortal } from '../../../../src/lock/locked-portal.ts'

const portal = (portalId: string, ...targets: readonly string[]): LockedPortal => ({
  portalId,
  accountType: 'STANDARD',
  targets,
  objects: new Map(),
  links: new Map(),
  events: new Map(),
  lists: new Map(),
  absentLists: [],
})

const chosen = (portals: readonly LockedPortal[], targetName: string, portalId?: string) =>
  portalFor(
    { portals },
    'hubspot.lock.yml',
    { targetName, settings: { portalId } },
    `backhaul lock --target ${targetName}`,
  ).portalId

test('a target reads the portal that it names, else the one that was locked with it, else the only one', () => {
  const two = [portal('1', 'dev'), portal('2', 'prod')]
  expect(chosen(two, 'dev', '2')).toBe('2')
  expect(chosen(two, 'prod')).toBe('2')
  expect(chosen([portal('1', 'dev')], 'ci')).toBe('1')
})

test('where it is open which portal is meant, none is taken', () => {
  const two = [portal('1', 'dev'), portal('2', 'prod')]
  expect(() => chosen(two, 'ci')).toThrow(
    'hubspot.lock.yml is of the portals 1, 2, and was made for none of them with the target ci',
  )
  expect(() => chosen(two, 'ci')).toThrow('Run `backhaul lock --target ci`')
  expect(() => chosen(two, 'ci', '3')).toThrow(
    'the target ci writes to portal 3, and hubspot.lock.yml is of portal 1, 2',
  )
  expect(() => chosen([], 'ci')).toThrow('hubspot.lock.yml is of no portal')
})
