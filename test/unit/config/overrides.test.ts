import { expect, test } from 'vitest'
import { resolveSyncs } from '../../../src/config/resolve-syncs.ts'
import { formatProblem } from '../../../src/errors.ts'
import { manifestFromYaml } from './manifest-from-yaml.ts'

const manifest = manifestFromYaml(
  `models:
  - name: people
    config:
      meta:
        hubspot:
          - {sync: contacts, object: contacts, primary_key: id, match: {email: e}}
          - {sync: leads, object: leads, enabled: false, primary_key: id, match: {lead_id: id}}
`,
  'models/people.yml',
)

function resolve(overrides: Readonly<Record<string, { enabled?: boolean }>>) {
  const { syncs, problems } = resolveSyncs(manifest, {
    projectDir: '/',
    readFile: () => undefined,
    overrides,
  })
  const enabled = Object.fromEntries(syncs.map((sync) => [sync.name, sync.enabled]))
  return { enabled, problems: problems.map(formatProblem) }
}

test('a target switches a sync off', () => {
  expect(resolve({ contacts: { enabled: false } })).toEqual({
    enabled: { contacts: false, leads: false },
    problems: [],
  })
})

test('a target switches a sync on', () => {
  expect(resolve({ leads: { enabled: true } })).toEqual({
    enabled: { contacts: true, leads: true },
    problems: [],
  })
})

test('a target that names a sync that is not there is told', () => {
  expect(resolve({ contact: { enabled: false } }).problems).toEqual([
    "backhaul.yml: the target's `syncs` name contact, which is no sync of the project\n    Did you mean `contacts`?",
  ])
})
