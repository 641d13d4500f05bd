import { describe, expect, test } from 'vitest'
import { resolveSyncs } from '../../../src/config/resolve-syncs.ts'
import { selectSyncs } from '../../../src/config/select.ts'
import { UserError } from '../../../src/errors.ts'
import type { Sync } from '../../../src/types.ts'
import { manifestFromYaml } from './manifest-from-yaml.ts'

const manifest = manifestFromYaml(
  `models:
  - name: hubspot_contacts
    tags: [crm, daily]
    config: {meta: {hubspot: {sync: contacts, object: contacts, primary_key: id, match: {email: e}}}}
  - name: hubspot_companies
    tags: [crm]
    config: {meta: {hubspot: {sync: companies, object: companies, primary_key: id, match: {domain: d}}}}
  - name: deals
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
    config: {meta: {hubspot: {object: deals, primary_key: id, match: {deal_key: k}}}}
`,
  'models/marts/crm.yml',
)
const { syncs } = resolveSyncs(manifest, { projectDir: '/', readFile: () => undefined })

function select(select: readonly string[], exclude: readonly string[] = []): string {
  const chosen = selectSyncs(syncs, { select, exclude }).syncs
  return chosen.map(({ name }: Sync) => name).join(' ')
}

describe('selection', () => {
  test.each([
    [[], 'companies contacts deals'],
    [['contacts'], 'contacts'],
    [['hubspot_contacts'], 'contacts'],
    [['shop.hubspot_contacts'], 'contacts'],
    [['shop'], 'companies contacts deals'],
    [['hubspot_*'], 'companies contacts'],
    [['shop.hub*'], 'companies contacts'],
    [['tag:crm'], 'companies contacts'],
    [['tag:d?ily'], 'contacts'],
    [['tag:crm,tag:daily'], 'contacts'],
    [['tag:daily deals'], 'contacts deals'],
    [['tag:daily', 'deals'], 'contacts deals'],
    [['sync:c*'], 'companies contacts'],
    [['sync:[!c]*'], 'deals'],
    [['path:models'], 'companies contacts deals'],
    [['models/marts/crm.yml'], 'companies contacts deals'],
    [['path:models/hubspot_*.sql'], 'companies contacts'],
    [['path:models/**/*.yml'], 'companies contacts deals'],
    [['path:./models/deals.sql'], 'deals'],
    [['deals.v2'], 'deals'],
    [['deals_v2'], 'deals'],
    [['deals.v1'], ''],
  ])('%j', (criteria, expected) => {
    expect(select(criteria)).toBe(expected)
  })

  test('excludes', () => {
    expect(select([], ['contacts'])).toBe('companies deals')
    expect(select(['tag:crm'], ['tag:daily'])).toBe('companies')
  })

  test('a criterion without a match is a warning', () => {
    const { syncs: none, warnings } = selectSyncs(syncs, { select: ['nope'], exclude: [] })
    expect(none).toEqual([])
    expect(warnings).toEqual([
      "The selection criterion 'nope' does not match any enabled nodes that have a sync",
    ])
  })

  test.each([
    ['foo:bar', /'foo' is not a valid method name\n\s+Methods are: fqn, sync, tag, path\./],
    ['config.materialized:table', /'config.materialized' is not a valid method name/],
    ['+contacts', /graph operators/],
    ['2+contacts', /graph operators/],
    ['contacts+1', /graph operators/],
    ['@contacts', /graph operators/],
  ])('%s is refused as wrong usage', (criterion, message) => {
    expect(() => select([criterion])).toThrow(message)
    try {
      select([criterion])
    } catch (error) {
      expect((error as UserError).exitCode).toBe(2)
      expect(error).toBeInstanceOf(UserError)
    }
  })

  test('a criterion that only a disabled sync matches says so', () => {
    const [first, ...others] = syncs
    if (first === undefined) throw new TypeError('no sync')
    const selection = { select: [first.name], exclude: [] }
    const { syncs: none, warnings } = selectSyncs(others, selection, [first])
    expect(none).toEqual([])
    expect(warnings).toEqual([
      expect.stringContaining(`matches only disabled syncs: ${first.name}.`),
    ])
    expect(selectSyncs(syncs, { select: ['*'], exclude: [] }, [first]).warnings).toEqual([])
  })
})
