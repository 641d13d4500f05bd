import { expect, test } from 'vitest'
import { resolveSyncs } from '../../../src/config/resolve-syncs.ts'
import { formatProblem } from '../../../src/errors.ts'
import { manifestFromYaml } from './manifest-from-yaml.ts'

const YAML = `models:
  - name: people
    config:
      meta:
        hubspot: {object: contacts, primary_key: id, match: {email: email}, propertis: {a: a}}
`

function problems(files: Readonly<Record<string, string>>, text = YAML, projectMeta = {}) {
  const manifest = manifestFromYaml(text, 'models/people.yml', projectMeta)
  const found = resolveSyncs(manifest, { projectDir: '/shop', readFile: (path) => files[path] })
  return found.problems.map(formatProblem)
}

test('a problem without any file at hand names the file that dbt names', () => {
  expect(problems({})[0]).toMatch(/^models\/people\.yml: sync people, propertis: unknown key/)
})

test('a sync in config() of the SQL file is found there', () => {
  const files = {
    '/shop/models/people.yml': 'models:\n  - name: people\n',
    '/shop/models/people.sql': `{{ config(
  materialized='table',
  meta={'hubspot': {
    'object': 'contacts',
    'propertis': {'a': 'a'}
  }}
) }}
select 1`,
  }
  expect(problems(files)[0]).toMatch(/^models\/people\.sql:5: sync people, propertis: unknown key/)
})

test('YAML anchors are followed', () => {
  const files = {
    '/shop/models/people.yml': `anchors:
  - &sync
    object: contacts
    propertis: {a: a}
models:
  - name: people
    config: {meta: {hubspot: *sync}}
`,
  }
  expect(problems(files)[0]).toMatch(/^models\/people\.yml:4:5: sync people, propertis/)
})

test('a mistake in project-wide defaults is told once, at dbt_project.yml', () => {
  const files = {
    '/shop/models/people.yml': 'models:\n  - name: people\n  - name: places\n',
    '/shop/dbt_project.yml': `name: shop
models:
  +meta:
    hubspot_defaults:
      guards: {min_row: 1}
`,
  }
  const sync = (name: string, property: string) =>
    `  - name: ${name}\n    config: {meta: {hubspot: {object: contacts, primary_key: id, match: {email: e}, properties: {${property}: x}}}}\n`
  const text = `models:\n${sync('people', 'a')}${sync('places', 'b')}`
  const found = problems(files, text, { hubspot_defaults: { guards: { min_row: 1 } } })
  expect(found).toEqual([
    'dbt_project.yml:5:16: sync people, guards.min_row: unknown key\n    Did you mean `min_rows`?',
  ])
})

test('defaults that only other types of sync take concern those alone', () => {
  const event = '{type: event, event: seen, primary_key: id, contact: {email: e}, where: a}'
  const text = `models:\n  - name: people\n    config: {meta: {hubspot: ${event}}}\n`
  const files = { '/shop/models/people.yml': text }
  const of = (defaults: object) => problems(files, text, { hubspot_defaults: defaults })
  expect(of({ on_delete: 'clear', mode: 'upsert', shared: true, object: 'contacts' })).toEqual([])
  expect(of({ on_delete: 'clean' })).toHaveLength(1)
  expect(of({ mode: 'upsurt' })).toHaveLength(1)
})

test.each([
  ['list', '{list: Friends, contact: {email: e}, primary_key: id}'],
  ['event', '{event: seen, contact: {email: e}, primary_key: id}'],
])('a sync with the key %s and no type is told which type it is', (key, sync) => {
  const text = `models:\n  - name: people\n    config: {meta: {hubspot: ${sync}}}\n`
  expect(problems({ '/shop/models/people.yml': text }, text)).toEqual([
    `models/people.yml:3:31: sync people, ${key}: belongs to syncs of \`type: ${key}\`\n    Add \`type: ${key}\`.`,
  ])
})

test('a model of an installed package is found in its folder', () => {
  const files = { '/shop/dbt_packages/shop/models/people.yml': YAML }
  const manifest = { ...manifestFromYaml(YAML, 'models/people.yml'), projectName: 'mine' }
  const found = resolveSyncs(manifest, {
    projectDir: '/shop',
    readFile: (path) => (files as Readonly<Record<string, string>>)[path],
  })
  expect(found.problems[0]?.where).toMatchObject({
    file: 'dbt_packages/shop/models/people.yml',
    line: 5,
  })
})
