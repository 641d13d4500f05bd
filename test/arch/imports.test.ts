import { readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCycle, importsOf, listFiles, reachable, type SourceImport } from './source-files.ts'

/**
 * Who may import what, beside the own folder and Node's built-in modules. Paths are relative to `src/`; the row with the
 * longest matching path decides. In a path `*` stands for one folder. A folder ends with `/`, a file does not.
 *
 * A new folder needs a row here: say why it may import what it imports.
 */
const anything = '**'
const types = 'types.ts'
const errors = 'errors.ts'
const log = 'log.ts'
/**
 * Vocabulary, error classes, the `Logger` that is passed in, "did you mean", HubSpot's standard objects, which syncs get in
 * each other's way, and what a node of dbt is made of: pure, and of use to every folder; so is making a folder.
 */
const basics = [
  types,
  errors,
  log,
  'suggest.ts',
  'object-types.ts',
  'rivals.ts',
  'upstream.ts',
  'make-folder.ts',
]
const warehouseInterfaces = ['warehouse/warehouse.ts', 'warehouse/dialect.ts', 'warehouse/sql.ts']
const destinationInterface = 'destination/destination.ts'

interface Row {
  readonly path: string
  /** Files, folders, and npm packages by name. */
  readonly may: readonly string[]
}

const table: readonly Row[] = [
  { path: 'types.ts', may: [] },
  { path: 'errors.ts', may: [types] },
  { path: 'log.ts', may: [types] },
  { path: 'suggest.ts', may: ['fastest-levenshtein'] },
  { path: 'object-types.ts', may: [] },
  { path: 'rivals.ts', may: [types, errors] },
  { path: 'upstream.ts', may: [types] },
  { path: 'make-folder.ts', may: [] },

  // What a template says, and its text for a row: syntax is of use to config, columns to plan.
  { path: 'template/', may: ['suggest.ts', 'liquidjs'] },
  // dbt's selector grammar: pure. What it chooses from, config makes; the nodes it looks at, manifest reads.
  { path: 'selection/', may: [...basics] },
  {
    path: 'config/',
    may: [...basics, 'template/', 'selection/selectable.ts', 'yaml', 'zod'],
  },
  {
    path: 'manifest/',
    may: [...basics, 'selection/node.ts', 'zod', '@streamparser/json-node'],
  },
  // dbt's and Backhaul's project files: backhaul.yml (read as config reads syncs), profiles.yml (a connection), run results
  {
    path: 'project/',
    may: [
      ...basics,
      'config/',
      'warehouse/warehouse.ts',
      'alert/alert.ts',
      'alert/alert-template.ts',
      'yaml',
      'zod',
      '@huggingface/jinja',
    ],
  },

  // The interfaces, and what all adapters share. Only open.ts knows the adapters, by import().
  { path: 'warehouse/warehouse.ts', may: [types, 'warehouse/dialect.ts', 'warehouse/sql.ts'] },
  { path: 'warehouse/dialect.ts', may: [types, 'warehouse/sql.ts'] },
  { path: 'warehouse/sql.ts', may: [types] },
  { path: 'warehouse/knex-compiler.ts', may: [types, 'warehouse/*.ts', 'knex'] },
  { path: 'warehouse/*.ts', may: [...basics, 'warehouse/*.ts'] },
  { path: 'warehouse/open.ts', may: [...basics, 'warehouse/'] },
  // Adapters, one folder each, with their own SDK: they never see each other. A dialect is pure (see below).
  { path: 'warehouse/*/dialect.ts', may: [types, 'warehouse/*.ts', 'knex'] },
  { path: 'warehouse/duckdb/', may: [...basics, 'warehouse/*.ts', '@duckdb/node-api'] },
  {
    path: 'warehouse/postgres/',
    may: [...basics, 'warehouse/*.ts', 'pg', 'pg-copy-streams', 'pg-cursor'],
  },
  { path: 'warehouse/snowflake/', may: [...basics, 'warehouse/*.ts', 'snowflake-sdk'] },
  {
    path: 'warehouse/bigquery/',
    may: [...basics, 'warehouse/*.ts', '@google-cloud/bigquery', 'google-auth-library'],
  },

  { path: 'destination/destination.ts', may: [types] },
  {
    path: 'destination/hubspot/',
    may: [...basics, destinationInterface, 'lock/locked-portal.ts', '@hubspot/api-client'],
  },

  { path: 'plan/', may: [...basics, ...warehouseInterfaces, 'template/'] },
  { path: 'resolve/', may: [...basics, destinationInterface] },
  { path: 'send/', may: [...basics, destinationInterface, 'p-queue'] },
  { path: 'record/', may: [...basics, ...warehouseInterfaces, 'alert/decide.ts'] },
  {
    path: 'run/',
    may: [
      ...basics,
      ...warehouseInterfaces,
      destinationInterface,
      'plan/',
      'resolve/',
      'send/',
      'record/',
    ],
  },

  // What the audit has, collected for a page; the page itself shares the payload's types with it, and nothing else.
  { path: 'report/', may: [...basics, ...warehouseInterfaces, 'record/'] },
  // Runs in a browser: of the rest it knows what it is given, as types.
  {
    path: 'report/page/',
    may: [
      types,
      'report/payload.ts',
      'report/payload-lines.ts',
      'report/live.ts',
      'preact',
      'uplot',
      '@tanstack/virtual-core',
    ],
  },

  // What HubSpot says of what syncs use, as a file: the file is read as settings are, what is used is plan's to say.
  {
    path: 'lock/',
    may: [
      ...basics,
      destinationInterface,
      'plan/',
      'config/check.ts',
      'project/yaml-document.ts',
      'yaml',
      'zod',
    ],
  },
  // Syncs as dbt exposures: what stands in the file, and how it differs from the one that is there.
  { path: 'exposures/', may: [...basics, 'yaml'] },

  // The receiver of the dbt platform's webhooks: it knows runs and results of dbt, and nothing of syncs; those are run for it.
  {
    path: 'hook/',
    may: [...basics, 'manifest/run-results.ts', 'manifest/steps.ts', 'zod'],
  },
  // Alerts: what is news, its words, and how it is sent. It knows no syncs and no warehouse: what happened is told to it.
  { path: 'alert/', may: [...basics, 'template/', 'nodemailer'] },
  // What `backhaul init` proposes and writes: which property a column may fill is plan's to say.
  {
    path: 'init/',
    may: [...basics, 'config/merge.ts', 'plan/', 'warehouse/dialect.ts', 'yaml'],
  },

  // The local HubSpot knows nothing of the rest.
  { path: 'sandbox/', may: [types] },

  { path: 'cli/', may: [anything] },
  { path: 'index.ts', may: [anything] },
]

/** What may appear in src/cli only: the rest gets environment, clock and output passed in. */
const onlyInCli = ['process.env', 'process.exit', 'Date.now', 'console']

/** Words that say nothing about what a file holds. */
const emptyWords = /^(util|helper|manager|handler|data|item)s?$/

const src = 'src'
const files = listFiles(src, /\.tsx?$/).map((file) => posix.relative(src, file))
const importsByFile = new Map(files.map((file) => [file, importsOf(join(src, file))]))

/** Which file imports which, without what is loaded by `import()` when needed: registries do that, and their entries name them. */
const graph = new Map(
  [...importsByFile].map(([file, imports]) => [
    file,
    imports
      .filter((found) => found.specifier.startsWith('.') && !found.isLazy)
      .map((found) => posix.join(dirname(file), found.specifier)),
  ]),
)

function rowOf(file: string): Row | undefined {
  return table
    .filter((row) => matches(file, row.path))
    .sort((a, b) => b.path.length - a.path.length)[0]
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Whether `path` (a row's path, or an allowed folder or file) covers `file`. */
function matches(file: string, path: string): boolean {
  const pattern = path.split('*').map(literal).join('[^/]+')
  return new RegExp(`^${pattern}${path.endsWith('/') ? '' : '$'}`).test(file)
}

/** The folder within which a file's imports are free: its row's folder, with `*` filled in. */
function ownFolder(file: string, row: Row): string | undefined {
  if (!row.path.endsWith('/') && !row.path.includes('*/')) return undefined
  const depth = row.path.split('/').length - 1
  return `${file.split('/').slice(0, depth).join('/')}/`
}

function isAllowed(file: string, row: Row, found: SourceImport): boolean {
  if (found.specifier.startsWith('node:')) return true
  if (row.may.includes(anything)) return true
  if (!found.specifier.startsWith('.')) return row.may.includes(packageName(found.specifier))
  const target = posix.join(dirname(file), found.specifier)
  const own = ownFolder(file, row)
  return (
    (own !== undefined && target.startsWith(own)) || row.may.some((path) => matches(target, path))
  )
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

describe('imports', () => {
  test('every file is covered by a row of the table', () => {
    expect(files.filter((file) => rowOf(file) === undefined)).toEqual([])
  })

  test.each(files)('src/%s imports only what the table allows', (file) => {
    const row = rowOf(file)
    const wrong = (importsByFile.get(file) ?? [])
      .filter((found) => row === undefined || !isAllowed(file, row, found))
      .map((found) => `${file}:${found.line} imports ${found.specifier}`)
    expect(wrong, `allowed here (row "${row?.path}"): ${row?.may.join(', ')}`).toEqual([])
  })

  test('nothing but the page itself imports src/report/page', () => {
    const wrong = [...graph]
      .filter(([file]) => !file.startsWith('report/page/'))
      .filter(([, targets]) => targets.some((target) => target.startsWith('report/page/')))
    expect(wrong.map(([file]) => file)).toEqual([])
  })

  test('a relative import names an existing file with its .ts extension', () => {
    const wrong = [...importsByFile].flatMap(([file, imports]) =>
      imports
        .filter((found) => found.specifier.startsWith('.'))
        .filter((found) => !importsByFile.has(posix.join(dirname(file), found.specifier)))
        .filter((found) => !found.specifier.endsWith('.json'))
        .map((found) => `${file}:${found.line} imports ${found.specifier}`),
    )
    expect(wrong).toEqual([])
  })

  test('there is no import cycle, type imports included', () => {
    expect(findCycle(graph)).toBeUndefined()
  })

  test.each(files.filter((file) => matches(file, 'warehouse/*/dialect.ts')))(
    '%s is pure: no SDK, directly or through others',
    (dialect) => {
      const packages = reachable(graph, dialect)
        .flatMap((file) => importsByFile.get(file) ?? [])
        .filter(({ specifier }) => !/^(\.|node:)/.test(specifier))
        .map(({ specifier }) => packageName(specifier))
      expect([...new Set(packages)].filter((name) => name !== 'knex')).toEqual([])
    },
  )
})

describe('names and habits', () => {
  const named = [
    ...listFiles('src', /\.tsx?$/),
    ...listFiles('test', /\.(ts|mjs)$/),
    ...listFiles('bench', /\.(ts|mjs)$/),
    ...listFiles('scripts', /\.mjs$/),
  ].filter((file) => !file.includes('/fixtures/'))

  test('files and folders are in kebab-case', () => {
    const isKebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?(\.d)?(\.tsx?|\.mjs)?$/
    expect(named.filter((file) => !file.split('/').every((part) => isKebab.test(part)))).toEqual([])
  })

  test('no name says util, helper, manager, handler, data or item', () => {
    const words = (file: string) => file.replace(/\.\w+$/, '').split(/[/.-]/)
    expect(named.filter((file) => words(file).some((word) => emptyWords.test(word)))).toEqual([])
  })

  test('there are no default exports', () => {
    const isDefault = /^export default\b|\bas default\b/m
    expect(named.filter((file) => isDefault.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('index.ts is the only barrel', () => {
    const isBarrel = (file: string) => basename(file) === 'index.ts' && file !== 'src/index.ts'
    expect(named.filter(isBarrel)).toEqual([])
  })

  test.each(onlyInCli)('%s appears in src/cli only', (word) => {
    const use = new RegExp(`(?<![\\w.'"\`/-])${literal(word)}\\b(?!['"\`-])`)
    const found = files
      .filter((file) => !file.startsWith('cli/'))
      .flatMap((file) =>
        readFileSync(join(src, file), 'utf8')
          .split('\n')
          .map((line, index) => ({ line: line.trim(), where: `${file}:${index + 1}` }))
          .filter(({ line }) => !/^(\/\/|\/?\*)/.test(line) && use.test(line))
          .map(({ where }) => where),
      )
    expect(found).toEqual([])
  })
})
