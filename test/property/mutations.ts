import fc from 'fast-check'
import { type Definition, definitions, type Node } from './sync-definitions.ts'

type Path = readonly (string | number)[]

const isList = Array.isArray
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !isList(value)

const deep = (depth: number): unknown => {
  let value: unknown = 'bottom'
  for (let level = 0; level < depth; level += 1)
    value = level % 2 === 0 ? { deeper: value } : [value]
  return value
}

/** Names that mean something to JavaScript. */
const prototypeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
]

/** Texts that are hard to print, to quote or to find. */
const texts = [
  '',
  ' ',
  'x'.repeat(5_000),
  'long '.repeat(30),
  '\u0000',
  'red\u001b[31m\u0007',
  'line\nbreak\r\tafter',
  '\u202eevil',
  '日本語 😀 ñ',
  'I\u0307',
  '\ud800',
  "'; drop table people; --",
  '"quoted" `ticked` \\ ?',
  '$& $1 %s',
  '{{ var("x") }}',
  '${ row.nothing | upcase }',
  '${ row.',
  '<% if row.email %>',
  '10%',
  '-5%',
  '1e400',
  '2026-02-30',
  'null',
  'Email',
  'FIRST_NAME',
  'p1_nothing',
  '../../settings?x=1#y',
  '%2e%2e',
  ...prototypeNames,
]

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  [[]],
  [null],
  [1, 'two', { three: 3 }],
  Object.fromEntries(prototypeNames.map((name) => [name, 'email'])),
  Object.fromEntries([['__proto__', { mode: 'update', enabled: false }]]),
  { column: 'email', value: 'x', template: 'y' },
  { '': 'email' },
  deep(3),
  deep(100),
  ...texts,
]

/** Words of the reference, as they stand in the definitions. */
const words: readonly string[] = [
  ...new Set(definitions.flatMap((definition) => placesOf(definition).flat())),
].filter((word) => typeof word === 'string')

const pick = <T>(list: readonly T[], choice: number): T => list[choice % list.length] as T

/** The changes of one place: `undefined` takes it out. */
const changes = {
  drop: () => undefined,
  retype: (_: unknown, choice: number) => pick(values, choice),
  text: (_: unknown, choice: number) => pick(texts, choice),
  word: (_: unknown, choice: number) => pick(words, choice),
  wrap: (value: unknown, choice: number) =>
    pick([[value], [value, value], { [pick(words, choice)]: value }, { value }], choice),
  unwrap: (value: unknown, choice: number) =>
    typeof value === 'object' && value !== null && Object.keys(value).length > 0
      ? pick(Object.values(value), choice)
      : '',
  misspell: (value: unknown, choice: number) =>
    typeof value === 'string' ? misspelt(value, choice) : value,
  number: (value: unknown) => (typeof value === 'number' ? String(value) : 7),
} as const

/** The changes of a key. */
const keyChanges: readonly ((key: string, choice: number) => string)[] = [
  misspelt,
  (_, choice) => pick(words, choice),
  (_, choice) => pick(texts, choice),
  (_, choice) => pick(prototypeNames, choice),
]

function misspelt(word: string, choice: number): string {
  const at = choice % Math.max(1, word.length)
  const [before, letter, after] = [word.slice(0, at), word.slice(at, at + 1), word.slice(at + 1)]
  return pick(
    [
      before + after,
      before + letter + letter + after,
      before + after.slice(0, 1) + letter + after.slice(1),
      word.toUpperCase(),
      `${word}s`,
      ` ${word} `,
    ],
    choice,
  )
}

/** Paths of everything in a document. */
function placesOf(value: unknown, path: Path = []): readonly Path[] {
  const own = path.length === 0 ? [] : [path]
  if (isList(value)) {
    return [...own, ...value.flatMap((entry, index) => placesOf(entry, [...path, index]))]
  }
  if (!isNode(value)) return own
  return [
    ...own,
    ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, key])),
  ]
}

/** A document with another value at a path; `undefined` takes it out. Own keys stay own keys, whatever they are called. */
function withValue(document: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return change(document)
  if (isList(document)) {
    return document.flatMap((entry, index) => {
      if (index !== step) return [entry]
      const next = withValue(entry, rest, change)
      return next === undefined ? [] : [next]
    })
  }
  if (!isNode(document)) return document
  return Object.fromEntries(
    Object.entries(document).flatMap(([key, value]) => {
      if (key !== step) return [[key, value]]
      const next = withValue(value, rest, change)
      return next === undefined ? [] : [[key, next]]
    }),
  )
}

/** Another key at a path, or the value once more under another key; entries of lists are doubled. */
function withKey(document: unknown, path: Path, choice: number, isCopy: boolean): unknown {
  const holder = path.slice(0, -1)
  const step = path.at(-1)
  return withValue(document, holder, (value) => {
    if (isList(value)) {
      return value.flatMap((entry, index) => (index === step ? [entry, entry] : [entry]))
    }
    if (!isNode(value)) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => {
        if (key !== step) return [[key, inner]]
        const named = pick(keyChanges, choice)(key, Math.floor(choice / keyChanges.length))
        return isCopy
          ? [
              [key, inner],
              [named, inner],
            ]
          : [[named, inner]]
      }),
    )
  })
}

const keyed = ['rename', 'copy', 'move'] as const

type Change = keyof typeof changes | (typeof keyed)[number]

interface Step {
  readonly place: number
  readonly change: Change
  readonly choice: number
}

function mutated(document: Node, { place, change, choice }: Step): Node {
  const places = placesOf(document).filter((path) => isOurs(path))
  if (places.length === 0) return document
  const path = pick(places, place)
  if (change === 'rename' || change === 'copy') {
    return withKey(document, path, choice, change === 'copy') as Node
  }
  if (change === 'move') {
    const from = pick(places, choice)
    const moved = from.reduce<unknown>((value, step) => (value as Node)[step], document)
    return withValue(document, path, () => moved) as Node
  }
  return withValue(document, path, (value) => changes[change](value, choice)) as Node
}

/** dbt itself says where `meta` stands, and which columns and exposures there are. */
const isOurs = ([section, ...path]: Path): boolean =>
  section === 'columns'
    ? path.length > 0
    : path[0]?.toString().startsWith('hubspot') === true && path.length > 0

/** Half of one, half of the other. */
function merged(one: unknown, other: unknown, choice: number): unknown {
  if (!isNode(one) || !isNode(other)) return choice % 2 === 0 ? one : other
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return Object.fromEntries(
    keys.flatMap((key, index) => {
      const turn = (choice >> (index % 16)) % 4
      const value =
        turn === 0
          ? merged(one[key], other[key], choice >> 1)
          : turn % 2 === 0
            ? one[key]
            : other[key]
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

const step: fc.Arbitrary<Step> = fc.record({
  place: fc.nat(1_000_000),
  change: fc.constantFrom<Change>(...keyed, ...(Object.keys(changes) as (keyof typeof changes)[])),
  choice: fc.nat(1_000_000),
})

/** Definitions with one to four mistakes, some of them of two halves. */
export const definitionWithMistakes: fc.Arbitrary<Definition> = fc
  .record({
    one: fc.constantFrom(...definitions),
    other: fc.option(fc.constantFrom(...definitions), { freq: 3 }),
    choice: fc.nat(1_000_000),
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  })
  .map(({ one, other, choice, steps }) => {
    const start = other === null ? one : merged(one, other, choice)
    return steps.reduce(mutated, start as Node) as unknown as Definition
  })
