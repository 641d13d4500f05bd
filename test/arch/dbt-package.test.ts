import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { columnsMacro, tablesFile } from '../support/dbt-package-files.ts'
import { listFiles } from './source-files.ts'

describe('generated files of the dbt package', () => {
  test('models/_tables.yml is what the code says', async () => {
    await expect(tablesFile()).toMatchFileSnapshot('../../models/_tables.yml')
  })

  test('macros/audit/audit_columns.sql is what the code says', async () => {
    await expect(columnsMacro()).toMatchFileSnapshot('../../macros/audit/audit_columns.sql')
  })
})

interface Argument extends Documented {
  readonly type: string
}

interface Documented {
  readonly name: string
  readonly description?: string
  readonly columns?: readonly Documented[]
}

const readModels = () =>
  ['models/_models.yml', 'models/_tables.yml'].flatMap(
    (file) => (parse(readFileSync(file, 'utf8')) as { models: readonly Documented[] }).models,
  )

test('the package has the version of the program, and dbt reads none of its folders unasked', () => {
  const project = parse(readFileSync('dbt_project.yml', 'utf8')) as Readonly<
    Record<string, unknown>
  >
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(project['version']).toBe(version)
  const kinds = ['macro', 'model', 'docs', 'test', 'analysis', 'seed', 'snapshot', 'asset']
  const paths = kinds.flatMap((kind) => project[`${kind}-paths`] ?? [`no ${kind}-paths`])
  // dbt 1.11 looks for functions, too, and 1.8 refuses a project that says where.
  expect(existsSync('functions')).toBe(false)
  expect(paths.filter((path) => !/^(macros|models)(\/|$)/.test(String(path)))).toEqual([])
})

describe('descriptions', () => {
  test('every model and column is described', () => {
    const models = readModels()
    const files = readdirSync('models').filter((file) => file.endsWith('.sql'))
    expect(models.map(({ name }) => `${name}.sql`).sort()).toEqual(files.sort())
    const all = models.flatMap((model) => [model, ...(model.columns ?? [])])
    expect(all.filter(({ description }) => !description)).toEqual([])
  })

  test('every macro and generic test that a project may call is described', () => {
    const { macros } = parse(readFileSync('macros/_macros.yml', 'utf8')) as {
      macros: readonly (Documented & { readonly arguments?: readonly Argument[] })[]
    }
    const described = macros.map(({ name, arguments: known = [] }) => [
      name,
      ...known.map((one) => one.name),
    ])
    expect(described).toEqual(described.map(([name = '']) => [name, ...argumentsOf(name)]))
    const types = macros.flatMap(({ arguments: known = [] }) => known.map(({ type }) => type))
    expect(types.filter((type) => !typesOfDbt.includes(type))).toEqual([])
    const tests = listFiles('macros/generic_tests', /\.sql$/).map((path) => `test_${nameOf(path)}`)
    expect(macros.map(({ name }) => name)).toEqual(expect.arrayContaining(tests))
  })
})

/** Types of arguments that dbt 1.12 knows, of those that are used here. */
const typesOfDbt = ['string', 'bool', 'int', 'any', 'relation', 'list[string]']

const nameOf = (path: string): string => path.replace(/^.*\//, '').replace(/\.sql$/, '')

/** Names of a macro's arguments, as its file has them: dbt 1.12 compares the two. */
function argumentsOf(macro: string): readonly string[] {
  const isTest = macro.startsWith('test_')
  const name = macro.replace(/^test_/, '')
  const head = new RegExp(`\\{% ${isTest ? 'test' : 'macro'} ${name}\\(([^)]*)\\) -?%\\}`)
  const files = listFiles('macros', /\.sql$/)
  const found = files.map((path) => head.exec(readFileSync(path, 'utf8'))?.[1])
  const list = found.find((each) => each !== undefined) ?? `no ${macro}`
  const names = list.split(',').map((each) => each.trim().replace(/=.*/, ''))
  return names.filter((each) => each !== '')
}
