import { describe, expect, test } from 'vitest'
import { readYaml } from '../../../src/project/yaml-document.ts'

/** What PyYAML makes of it, by which dbt reads its files. */
describe('a word without quotes is what it is to dbt', () => {
  test.each<[string, unknown]>([
    ['E123456', 'E123456'],
    ['e5', 'e5'],
    ['12e34', '12e34'],
    ['1.2e3', '1.2e3'],
    ['1.2e+3', 1200],
    ['.5e-1', 0.05],
    ['-.5', '-.5'],
    ['.5', 0.5],
    ['1.50', 1.5],
    ['.', '.'],
    ['0912345678', '0912345678'],
    ['08', '08'],
    ['0123', 83],
    ['0', 0],
    ['00', 0],
    ['5432', 5432],
    ['1_000', 1000],
    ['1:30', 90],
    ['08:30', '08:30'],
    ['12345678901234567890', '12345678901234567890'],
    ['y', 'y'],
    ['N', 'N'],
    ['yes', true],
    ['off', false],
    ['"08"', '08'],
    ['!!str 8', '8'],
  ])('%s', (written, value) => {
    expect(readYaml('profiles.yml', `key: ${written}\n`)).toMatchObject({
      value: { key: value },
      problems: [],
    })
  })

  test('as a key, too', () => {
    const { value } = readYaml('profiles.yml', 'outputs: {n: {schema: a}, e2: {schema: b}}\n')
    expect(value).toEqual({ outputs: { n: { schema: 'a' }, e2: { schema: 'b' } } })
  })
})
