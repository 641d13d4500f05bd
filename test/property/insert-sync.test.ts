import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { insertSync, syncsIn } from '../../src/init/insert-sync.ts'

const home = { section: 'models', name: 'people' } as const
const sync = { sync: 'contacts', object: 'contacts', match: { email: 'email' } }

const text = fc.oneof(
  fc.constantFrom(
    'a',
    'yes',
    'a: b',
    "it's",
    '# no comment',
    '- x',
    '{{ x }}',
    'two\nlines\n',
    ' ',
  ),
  fc.string({ maxLength: 12 }),
)
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('x', 'tags', 'on', 'a b'), tie('value'), { maxKeys: 3 }),
  ),
}))
const block = fc.dictionary(fc.constantFrom('tags', 'owner', 'enabled'), anything, { maxKeys: 3 })

const entry = fc.record(
  {
    description: text,
    config: fc.tuple(block, fc.option(block, { nil: undefined })).map(([config, meta]) => ({
      ...config,
      ...(meta === undefined ? {} : { meta }),
    })),
    columns: fc.array(fc.record({ name: text, config: block }), { maxLength: 2 }),
    docs: anything,
  },
  { requiredKeys: [] },
)

/** A file of properties in one of the many ways in which people write them. */
const file = fc
  .record({
    before: fc.array(entry, { maxLength: 2 }),
    people: fc.option(entry, { nil: undefined }),
    after: fc.array(entry, { maxLength: 2 }),
    version: fc.boolean(),
    layout: fc.record({
      indent: fc.constantFrom(2, 3, 4),
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 30, 80),
      defaultStringType: fc.constantFrom(
        'PLAIN' as const,
        'QUOTE_DOUBLE' as const,
        'QUOTE_SINGLE' as const,
      ),
      collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
    }),
    isCrlf: fc.boolean(),
    hasComments: fc.boolean(),
    end: fc.constantFrom('', '\n', '\n\n', '\n# the end'),
  })
  .map(({ before, people, after, version, layout, isCrlf, hasComments, end }) => {
    const named = (entries: readonly object[], name: string) =>
      entries.map((one, index) => ({ name: `${name}_${index}`, ...one }))
    const models = [
      ...named(before, 'before'),
      ...(people === undefined ? [] : [{ name: 'people', ...people }]),
      ...named(after, 'after'),
    ]
    const value = { ...(version ? { version: 2 } : {}), models }
    const yaml = stringify(value, { ...layout, version: '1.1', aliasDuplicateObjects: false })
    const commented = hasComments
      ? yaml.replaceAll(/^( *)(- name: .*)$/gm, '$1# about it\n$1$2 # so')
      : yaml
    const whole = commented.replace(/\n+$/, '') + end
    return isCrlf ? whole.replaceAll('\n', '\r\n') : whole
  })
  // What the comments broke, or dbt would read otherwise, is no file of properties.
  .filter((yaml) => {
    try {
      return Array.isArray(parse(yaml, { version: '1.1', logLevel: 'error' })?.models)
    } catch {
      return false
    }
  })

test('a sync goes into a file, however it is written, and takes nothing away', () => {
  fc.assert(
    fc.property(file, (yaml) => {
      const after = insertSync({ shown: 'schema.yml', text: yaml }, home, sync)
      expect(syncsIn({ shown: 'schema.yml', text: after }, home)).toEqual(sync)
      let at = 0
      for (const character of after) if (character === yaml[at]) at += 1
      expect(yaml.slice(at)).toBe('')
    }),
    { numRuns: 300 },
  )
})
