import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/errors.ts'
import { choose } from './shop.ts'

const names = (select: readonly string[], exclude: readonly string[] = []): string =>
  choose({ select, exclude })
    .syncs.map(({ name }) => name)
    .join(' ')

describe('selection', () => {
  test.each([
    [[], 'board companies contacts deals owners'],
    // By the model, and by the sync's own name
    [['people'], 'board contacts owners'],
    [['contacts'], 'contacts'],
    [['fqn:c*'], 'companies contacts'],
    [['shop.marts.people'], 'board contacts owners'],
    [['shop'], 'board companies contacts deals owners'],
    [['sync:c*'], 'companies contacts'],
    [['sync:[!c]*'], 'board deals owners'],
    [['sync:people'], ''],
    // Unions and intersections
    [['tag:crm,tag:daily'], 'board contacts owners'],
    [['tag:daily deals'], 'board contacts deals owners'],
    [['tag:daily', 'deals'], 'board contacts deals owners'],
    [['tag:crm,object:contacts,mode:upsert'], 'board contacts'],
    [['tag:crm,sync:deals'], ''],
    // Our own methods
    [['object:contacts'], 'board contacts owners'],
    [['object:Contact'], 'board contacts owners'],
    [['object:0-1'], 'board contacts owners'],
    [['object:0-*'], 'board contacts deals owners'],
    [['object:company'], 'companies'],
    [['object:p123_company'], 'companies'],
    [['mode:insert'], 'owners'],
    [['mode:up*'], 'board companies contacts deals'],
    // Versions: only the latest has a sync
    [['deals'], 'deals'],
    [['deals.v2'], 'deals'],
    [['deals_v1'], ''],
    [['version:old'], ''],
    // Paths
    [['path:models'], 'board companies contacts deals owners'],
    [['models/marts/crm.yml'], 'board companies contacts deals owners'],
    [['path:models/marts/s*.sql'], 'companies'],
    [['path:./models/board.yml'], 'board'],
    [['summary.sql'], 'companies'],
    // Through the graph
    [['source:app+'], 'board companies contacts deals owners'],
    [['+summary'], 'board companies contacts owners'],
    [['codes+'], 'companies'],
    [['stg+1'], 'board contacts deals owners'],
    [['@codes'], 'board companies contacts owners'],
    [['test_name:unique'], ''],
    [['+test_name:unique'], 'board contacts owners'],
    [['tag:raw+2'], 'board contacts deals owners'],
    // From a sync, as from its model; other syncs of the model are not meant
    [['+sync:companies'], 'board companies contacts owners'],
    [['1+sync:contacts'], 'contacts'],
    [['sync:contacts+,object:p123_*'], 'companies'],
    [['+companies'], 'board companies contacts owners'],
    [['mode:insert+'], 'board companies owners'],
    // On an exposure: by its name, its tags, and by its model
    [['board'], 'board'],
    [['exposure:board'], 'board'],
    [['tag:shown'], 'board'],
    [['+exposure:board'], 'board contacts owners'],
    [['exposure:board,people'], 'board'],
    // YAML selectors
    [['selector:daily'], 'board contacts owners'],
    [['selector:shown+'], 'board'],
    [['selector:daily+'], 'board companies contacts owners'],
    [['selector:around,object:deals'], 'deals'],
  ])('%j', (criteria, expected) => {
    expect(names(criteria)).toBe(expected)
  })

  test.each([
    [[], ['contacts'], 'board companies deals owners'],
    [['tag:crm'], ['tag:daily'], 'companies'],
    [['people'], ['exposure:board'], 'contacts owners'],
    [[], ['people+'], 'deals'],
  ])('%j without %j', (select, exclude, expected) => {
    expect(names(select, exclude)).toBe(expected)
  })
})

describe('a criterion without a match is a warning', () => {
  test.each([
    ['nope', ''],
    ['contcts', '; did you mean contacts?'],
    ['+sync:contcts+1', '; did you mean contacts?'],
    // The node is there, and has no sync.
    ['codes', ''],
    ['tag:raw', ''],
  ])('%s', (criterion, hint) => {
    expect(choose({ select: [criterion] })).toEqual({
      syncs: [],
      warnings: [
        `The selection criterion '${criterion}' does not match any enabled nodes that have a sync${hint}`,
      ],
    })
  })

  test('it says so when it matches disabled syncs alone', () => {
    expect(choose({ select: ['contacts'] }, ['contacts'])).toEqual({
      syncs: [],
      warnings: [expect.stringContaining('matches only disabled syncs: contacts.')],
    })
    expect(choose({ select: ['*'] }, ['contacts']).warnings).toEqual([])
  })
})

describe('wrong usage', () => {
  test.each([
    ['foo:bar', /^'foo' is not a valid method name\n\s+Methods are: fqn, tag, group, /],
    ['tags:crm', /Did you mean tag\? Methods are: /],
    ['@contacts+', /^Invalid node spec @contacts\+ - "@" prefix and "\+" suffix are incompatible/],
    ['state:modified', /^Got a state selector method, but no comparison manifest\n.*--state DIR/],
    ['resource_type:models', /^Invalid resource_type selector "models"/],
    ['version:newest', /^Invalid version type selector newest: expected one of: "latest"/],
    ['test_type:x', /^Invalid test type selector x: expected "generic"/],
    ['source:a.b.c.d', /^Invalid source selector value "a.b.c.d"/],
    ['exposure:a.b.c', /^Invalid exposure selector value "a.b.c"/],
    [
      'path:/etc',
      /^Invalid path selector value "\/etc"\n\s+Write it relative to the project folder/,
    ],
    [
      'selector:dayly',
      /^Could not find selector named dayly, expected one of daily, .*\n.*daily\?/,
    ],
    ['selector:loop', /^The selector loop leads back to itself\n/],
    ['selector:odd', /^The selector odd needs a list below `union`\n/],
  ])('%s', (criterion, message) => {
    const refusal = (() => {
      try {
        return choose({ select: [criterion] })
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toBeInstanceOf(UserError)
    expect((refusal as UserError).message).toMatch(message)
    expect((refusal as UserError).exitCode).toBe(2)
  })
})
