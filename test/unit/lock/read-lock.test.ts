import { expect, test } from 'vitest'
import { UserError } from '../../../src/errors.ts'
import { lockText } from '../../../src/lock/lock-text.ts'
import {
  type Absent,
  absent,
  type LockedEvent,
  type LockedList,
  type LockedObject,
  type LockedPortal,
} from '../../../src/lock/locked-portal.ts'
import { readLock } from '../../../src/lock/read-lock.ts'
import type { LinkType, PropertySchema } from '../../../src/types.ts'
import { property } from '../../support/property-schema.ts'

const option = (value: string, label = value, isHidden = false) => ({ value, label, isHidden })

/** Words that YAML takes for something else. */
const hard = [
  'no',
  'yes',
  '1:30',
  '2026-01-01',
  '0x1f',
  '~',
  'null',
  '- a',
  '#x',
  'a: b',
  ' x ',
  '',
  ':\n-',
  'a\r\nb\u2028\u0007',
  '<<',
]

const portal: LockedPortal = {
  portalId: '42',
  accountType: 'STANDARD',
  targets: ['on', 'prod'],
  objects: new Map<string, LockedObject | Absent>([
    [
      'p42_machine',
      {
        objectTypeId: '2-1',
        askedAs: ['machine'],
        requiredProperties: ['serial'],
        group: 'y',
        properties: new Map<string, PropertySchema | Absent>([
          ['gone', absent],
          [
            'state',
            property('state', {
              type: 'enumeration',
              isUnique: true,
              isReadOnly: true,
              isCalculated: true,
              isArchived: true,
              isHidden: true,
              options: hard.map((word) => option(word, `${word} `, word === 'no')),
              rules: [{ type: 'REGEX', arguments: ['^(a|b){1,2}$', "it's", '"x"'] }],
            }),
          ],
          ['owner', property('owner', { hasExternalOptions: true })],
          ['__proto__', property('__proto__')],
          ['<<', property('<<')],
          ['*', absent],
        ]),
        pipelines: { pipelines: [option('1', 'x'.repeat(300))], stages: [] },
      },
    ],
    [
      'tickets',
      {
        objectTypeId: '0-5',
        askedAs: [],
        requiredProperties: [],
        properties: new Map(),
        pipelines: 'untold',
      },
    ],
    ['nothing', absent],
  ]),
  links: new Map([
    [
      'contacts',
      new Map<string, readonly LinkType[]>([
        [
          'p42_machine',
          [
            { typeId: 1, category: 'USER_DEFINED', label: null, name: undefined },
            { typeId: 2, category: 'USER_DEFINED', label: 'Owner: 1', name: 'owner' },
          ],
        ],
        ['tickets', []],
      ]),
    ],
  ]),
  events: new Map<string, LockedEvent | Absent>([
    [
      'visited',
      {
        fullName: 'pe42_visited',
        label: 'Visited',
        about: '0-1',
        trackingType: 'MANUAL',
        properties: new Map<string, PropertySchema | Absent>([['n', property('n')]]),
      },
    ],
    ['never', absent],
  ]),
  listedFor: [],
  lists: new Map<string, LockedList | Absent>([
    ['7', { name: 'VIP\n2', objectTypeId: '0-1', processingType: 'MANUAL' }],
    ['8', absent],
  ]),
  absentLists: [{ name: 'none', objectTypeId: '0-1' }],
}

const empty: LockedPortal = {
  portalId: '7',
  accountType: 'SANDBOX',
  targets: [],
  objects: new Map(),
  links: new Map(),
  events: new Map(),
  lists: new Map(),
  absentLists: [],
}

const problemsOf = (content: string) => {
  try {
    readLock('hubspot.lock.yml', content)
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
  return undefined
}

test('what is written is read again, and written alike in whatever order it came', () => {
  const text = lockText([portal, empty], 'v3')
  const lock = readLock('hubspot.lock.yml', text)
  expect(new Map(lock.portals.map((each) => [each.portalId, each]))).toEqual(
    new Map([
      ['42', portal],
      ['7', empty],
    ]),
  )
  expect(lockText(lock.portals.toReversed(), lock.api)).toBe(text)
  const turned: LockedPortal = {
    ...portal,
    objects: new Map([...portal.objects].reverse()),
    events: new Map([...portal.events].reverse()),
    lists: new Map([...portal.lists].reverse()),
  }
  expect(lockText([empty, turned], 'v3')).toBe(text)
})

test('line ends and marks that editors and git add change nothing', () => {
  const text = lockText([portal, empty], 'v3')
  const lock = readLock('hubspot.lock.yml', text)
  for (const same of [
    text.replaceAll('\n', '\r\n'),
    `\uFEFF${text}`,
    `\uFEFF${text.replaceAll('\n', '\r\n')}\r\n\r\n`,
    text.replace(/^#.*\n/gm, ''),
  ])
    expect(readLock('hubspot.lock.yml', same)).toEqual(lock)
  const torn = text.replace(
    '      contacts',
    '<<<<<<< HEAD\n=======\n>>>>>>> other\n      contacts',
  )
  expect(problemsOf(torn.replaceAll('\n', '\r\n'))).toContain('marks of a merge')
})

test('a file that is damaged, torn, or of another version is told with its line', () => {
  const text = lockText([portal], 'v3')
  const told = (content: string) => problemsOf(content)?.split('\n')[0]
  expect({
    empty: told(''),
    foreign: told('models: []\n'),
    newer: told(text.replace('version: 1', 'version: 2')),
    older: told(text.replace('version: 1', 'version: 0')),
    torn: told(text.slice(0, text.indexOf('- {') + 5)),
    merge: told(text.replace('      contacts', '<<<<<<< HEAD\n      contacts')),
    kind: told(text.replace('unique: true', 'unique: maybe')),
    key: told(text.replace('unique: true', 'unik: true')),
    twice: told(text.replace('version: 1', 'version: 1\nversion: 1')),
    portal: told(text.replace('"42"', 'prod')),
  }).toMatchInlineSnapshot(`
    {
      "empty": "hubspot.lock.yml:1: is no lock of Backhaul: it has no \`version\`",
      "foreign": "hubspot.lock.yml:1: is no lock of Backhaul: it has no \`version\`",
      "key": "hubspot.lock.yml:38:13: portals.42.objects.p42_machine.properties.state.unik: unknown key",
      "kind": "hubspot.lock.yml:38:13: portals.42.objects.p42_machine.properties.state.unique: must be true or false, not the text \`maybe\`",
      "merge": "hubspot.lock.yml:69: has marks of a merge that is not finished",
      "newer": "hubspot.lock.yml:4:1: has version 2, and this Backhaul reads version 1",
      "older": "hubspot.lock.yml:4:1: has version 0, and this Backhaul reads version 1",
      "portal": "hubspot.lock.yml:7:3: portals.prod: must be the id of a portal",
      "torn": "hubspot.lock.yml:44:20: is no valid YAML: Flow map in block collection must be sufficiently indented and end with a }",
      "twice": "hubspot.lock.yml:5:1: is no valid YAML: a key stands twice",
    }
  `)
  expect(problemsOf(text.replace('version: 1', 'version: 2'))).toContain('Update Backhaul')
})

test('a lock of 20,000 properties is read in a moment, and a key that stands twice in it is refused', {
  timeout: 60_000,
}, () => {
  const many = Array.from({ length: 20_000 }, (_, index) => [`p${index}`, absent] as const)
  const object = { objectTypeId: '0-1', askedAs: [], requiredProperties: [] }
  const objects = new Map([['contacts', { ...object, properties: new Map(many) }]])
  const text = lockText([{ ...empty, objects }], 'v3')
  // Time of the processor, as others use the machine, too: comparing each key with all before it takes 20 s.
  const before = process.cpuUsage()
  expect(readLock('hubspot.lock.yml', text).portals).toHaveLength(1)
  expect(process.cpuUsage(before).user).toBeLessThan(8_000_000)
  expect(problemsOf(text.replace('p19999:', 'p0:'))).toContain('a key stands twice')
})
