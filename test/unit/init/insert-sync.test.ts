import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { UserError } from '../../../src/errors.ts'
import { insertSync, newFile, type SyncHome, syncsIn } from '../../../src/init/insert-sync.ts'

const home: SyncHome = { section: 'models', name: 'people' }
const sync = {
  sync: 'contacts',
  object: 'contacts',
  primary_key: 'id',
  match: { email: 'email' },
  properties: { firstname: 'first_name', hubspot_owner_id: { column: 'owner', as: 'owner_email' } },
}

const insert = (text: string, comment?: string) =>
  insertSync({ shown: 'models/schema.yml', text }, home, sync, comment)

/** The lines of a file that it did not have before, with their numbers; all others have to be as they were. */
function added(text: string): string {
  const before = text.split('\n')
  const after = insert(text).split('\n')
  const head = after.findIndex((line, index) => line !== before[index])
  const count = after.length - before.length
  expect([...after.slice(0, head), ...after.slice(head + count)]).toEqual(before)
  return after
    .slice(head, head + count)
    .map((line, index) => `${head + index + 1}|${line}`)
    .join('\n')
}

/** A YAML value without the sync, and without the `config` and `meta` that are empty then. */
function withoutSync(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSync)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value)
    .filter(([key]) => key !== 'hubspot')
    .map(([key, part]) => [key, withoutSync(part)] as const)
    .filter(([key, part]) => {
      const isHome = key === 'config' || key === 'meta'
      return !isHome || (part !== null && JSON.stringify(part) !== '{}')
    })
  return Object.fromEntries(kept)
}

const refusal = (text: string): string => {
  try {
    return insert(text)
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
}

test('goes behind name and description, before the columns; comments, quotes and gaps stay', () => {
  const text = `version: 2   # of dbt

models:
  # who they are
  - name: people        # one row each
    description: >
      Everybody.

    columns:
        - {name: id, data_tests: [unique,   not_null]}
        # the address
        -   name: "email"

  - name: other
`
  expect(added(text)).toMatchInlineSnapshot(`
    "8|    config:
    9|      meta:
    10|        hubspot:
    11|          sync: contacts
    12|          object: contacts
    13|          primary_key: id
    14|          match: {email: email}
    15|          properties:
    16|            firstname: first_name
    17|            hubspot_owner_id: {column: owner, as: owner_email}"
  `)
})

test('goes into a config and a meta that are there, with the indentation of the file', () => {
  const text = `models:
    - name: people
      config:
          materialized: table   # small
          meta:
              owner: crm
              # the end of meta
          tags: [a]
`
  expect(added(text)).toMatchInlineSnapshot(`
    "7|              hubspot:
    8|                  sync: contacts
    9|                  object: contacts
    10|                  primary_key: id
    11|                  match: {email: email}
    12|                  properties:
    13|                      firstname: first_name
    14|                      hubspot_owner_id: {column: owner, as: owner_email}"
  `)
})

test.each([
  ['a config without meta', 'models:\n  - name: people\n    config:\n      tags: [a]\n'],
  ['an empty config', 'models:\n  - name: people\n    config:   # later\n    columns: []\n'],
  ['an empty meta', 'models:\n- name: people\n  config:\n    meta:\n'],
  ['meta of the old style', 'models:\n- name: people\n  meta:\n    owner: crm\n'],
  ['no end of line', 'models:\n- name: people'],
  ['no end of line behind a comment', 'models:\n- name: people # x'],
  [
    'lists that are not indented',
    'models:\n- name: other\n- name: people\n  columns:\n  - name: id\n',
  ],
  ['a name that is not first', 'models:\n  - description: x\n    name: people\n    columns: []\n'],
  ['the model before another section', 'models:\n  - name: people\n\nseeds:\n  - name: x\n'],
  ['no such model', 'models:\n  - name: other\n    description: |\n      a\n\n# the end\n'],
  ['no such model among those in flow style', 'models:\n  - {name: other}\n'],
  ['no such section', 'version: 2\nsources: []\n'],
  ['an empty section', 'version: 2\nmodels:\n'],
  ['only comments', '# nothing yet\n'],
  ['nothing', ''],
  ['an end mark', 'models:\n  - name: other\n...\n'],
  ['a start mark', '---\nmodels:\n  - name: people\n'],
  [
    'an anchor that nobody uses',
    'models:\n  - &p\n    name: people\n    config: &c\n      tags: [a]\n',
  ],
  [
    'an alias elsewhere',
    'models:\n  - name: people\n    columns: &c [{name: id}]\n  - name: other\n    columns: *c\n',
  ],
  ['a merge key', 'x: &x {tags: [a]}\nmodels:\n  - name: people\n    config:\n      <<: *x\n'],
  [
    'Jinja',
    `models:\n  - name: people\n    config:\n      enabled: "{{ target.name == 'prod' }}"\n`,
  ],
  [
    'a block that keeps its end',
    'models:\n  - name: people\n    description: |+\n      a\n\n\n    columns: []\n',
  ],
  [
    'words of YAML 1.1',
    'models:\n  - name: people\n    config: {enabled: yes}\n    docs: {show: off}\n',
  ],
  ['a flow entry', 'models:\n  - {name: people, description: x}\n'],
  [
    'a flow config',
    'models:\n  - name: people\n    config: {tags: [a], meta: {owner: crm}}  # y\n',
  ],
  ['an empty flow meta', 'models:\n  - name: people\n    config: {meta: { } }\n'],
  ['a flow list of models', 'models: [{name: people}, {name: other}]\n'],
  ['a flow list without it', 'models: [{name: other}]\n'],
  ['a flow over lines', 'models:\n  - name: people\n    config: {\n      tags: [a],  # a\n    }\n'],
  [
    'a file in flow style',
    '{"version": 2, "models": [{"name": "people", "config": {"meta": {}}}]}\n',
  ],
])('says the sync once and all else as before: %s', (_, text) => {
  const after = insert(text)
  const read = (yaml: string) => parse(yaml, { version: '1.1', merge: true }) as never
  expect(syncsIn({ shown: '', text: after }, home)).toEqual(sync)
  if (text.includes('name: people') || text.includes('"people"')) {
    expect(withoutSync(read(after))).toEqual(withoutSync(read(text)))
  }
  const left = [...text]
  for (const character of after) if (character === left[0]) left.shift()
  expect(left.join('')).toBe('')
})

test('CRLF stays CRLF', () => {
  const text = 'models:\r\n  - name: people\r\n    columns: []\r\n'
  const after = insert(text)
  expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  expect(syncsIn({ shown: '', text: after }, home)).toEqual(sync)
})

test('a comment goes above the sync', () => {
  expect(insert('models:\n- name: people\n', ' Not checked.')).toContain(
    '    meta:\n      # Not checked.\n      hubspot:\n',
  )
})

describe('is refused', () => {
  test.each([
    [
      'a shared config',
      'models:\n  - name: people\n    config: &c {tags: [a]}\n  - name: x\n    config: *c\n',
      'by hand',
    ],
    [
      'an alias for config',
      'c: &c {tags: [a]}\nmodels:\n  - name: people\n    config: *c\n',
      'by hand',
    ],
    ['an alias for the model', 'p: &p {name: people}\nmodels:\n  - *p\n', 'by hand'],
    [
      'meta that is merged in',
      'x: &x {meta: {a: 1}}\nmodels:\n  - name: people\n    config:\n      <<: *x\n',
      'by hand',
    ],
    ['a config that is text', 'models:\n  - name: people\n    config: "{{ x }}"\n', 'by hand'],
    ['models that are no list', 'models: {people: {}}\n', 'by hand'],
    ['several documents', 'models:\n  - name: people\n---\nmodels: []\n', '2 YAML documents'],
    ['tabs', 'models:\n\t- name: people\n', 'models/schema.yml:2:1: is no valid YAML'],
    ['what is no YAML', 'models: [\n', 'is no valid YAML'],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toContain(message)
  })

  test('and says what to add by hand', () => {
    expect(refusal('models:\n  - name: people\n    config: "{{ x }}"\n')).toMatchInlineSnapshot(`
      "models/schema.yml: is written in a way that a sync cannot be added to without changing the rest
          Add it by hand, below \`people\`:
      config:
        meta:
          hubspot:
            sync: contacts
            object: contacts
            primary_key: id
            match: {email: email}
            properties:
              firstname: first_name
              hubspot_owner_id: {column: owner, as: owner_email}
      "
    `)
  })
})

describe('a second sync', () => {
  const second = { ...sync, sync: 'more' }
  const text = `models:
  - name: people
    config:
      meta:
        hubspot:
          # the first
          sync: contacts

          properties:
            a: b   # kept
        owner: crm
`

  test('makes a list of the first', () => {
    const after = insertSync({ shown: '', text }, home, second)
    expect(after).toMatchInlineSnapshot(`
      "models:
        - name: people
          config:
            meta:
              hubspot:
                  # the first
                - sync: contacts

                  properties:
                    a: b   # kept
                - sync: more
                  object: contacts
                  primary_key: id
                  match: {email: email}
                  properties:
                    firstname: first_name
                    hubspot_owner_id: {column: owner, as: owner_email}
              owner: crm
      "
    `)
    const third = insertSync({ shown: '', text: after }, home, { ...sync, sync: 'third' })
    expect(syncsIn({ shown: '', text: third }, home)).toEqual([
      { sync: 'contacts', properties: { a: 'b' } },
      second,
      { ...sync, sync: 'third' },
    ])
  })
})

test.each([
  [
    'flow style',
    'models:\n  - name: people\n    config: {meta: {hubspot: {sync: a, b: [c]}}} # x\n',
  ],
  [
    'a list in flow style',
    'models:\n  - name: people\n    config: {meta: {hubspot: [{sync: a, b: [c]}]}}\n',
  ],
  [
    'a list',
    'models:\n- name: people\n  meta:\n    hubspot:\n    - sync: a\n      b: [c]\n    # end\n',
  ],
  [
    'a list of such in flow style',
    'models:\n- name: people\n  meta:\n    hubspot:\n    - {sync: a, b: [c]}   # x\n',
  ],
])('a second sync beside one in %s', (_, text) => {
  const after = insertSync({ shown: '', text }, home, sync)
  expect(syncsIn({ shown: '', text: after }, home)).toEqual([{ sync: 'a', b: ['c'] }, sync])
})

test('a new file', () => {
  expect(newFile({ section: 'seeds', name: 'on' }, sync)).toMatchInlineSnapshot(`
    "version: 2

    seeds:
      - name: "on"
        config:
          meta:
            hubspot:
              sync: contacts
              object: contacts
              primary_key: id
              match: {email: email}
              properties:
                firstname: first_name
                hubspot_owner_id: {column: owner, as: owner_email}
    "
  `)
})
