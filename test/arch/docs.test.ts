import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseCommandLine } from '../../src/cli/command-line/parse.ts'
import { type CommandSpec, commands } from '../../src/cli/commands.ts'
import { settingsSchema } from '../../src/config/settings-schema.ts'
import { ERROR_TABLE, UNLISTED } from '../../src/destination/hubspot/error-table.ts'
import { type Disposition, UserError } from '../../src/errors.ts'
import {
  brokenLinks,
  type CodeBlock,
  codeBlocks,
  codeSpans,
  commandLines,
  listPages,
  shellWords,
} from '../support/markdown.ts'
import { tablesPage } from '../support/tables-page.ts'
import { listFiles } from './source-files.ts'

const pages = listPages()
const blocks = pages.flatMap((page) => codeBlocks(page))

describe('generated pages', () => {
  const transitions = readFileSync('src/record/transitions.ts', 'utf8')

  test('docs/tables.md is what the code says', async () => {
    await expect(tablesPage(transitions)).toMatchFileSnapshot('../../docs/tables.md')
  })

  test('a status without prose is noticed', () => {
    expect(() => tablesPage(transitions.replace('- `parked`:', '- `gone`:'))).toThrow(/parked/)
  })
})

describe('links between pages', () => {
  test.each(pages)('of %s lead somewhere', (page) => {
    expect(brokenLinks(page)).toEqual([])
  })

  test('that lead nowhere are found', () => {
    const text = '# A b\n[ok](#a-b) [ok](glossary.md) [x](#c) [y](gone.md) [web](https://a.example)'
    expect(brokenLinks('docs/page.md', text)).toEqual(['#c', 'gone.md'])
  })
})

test('every picture that a page shows is there, and every picture is shown', () => {
  const shown = pages.flatMap((page) =>
    [
      ...readFileSync(page, 'utf8').matchAll(
        /(?:\]\(|src="|srcset=")(?:docs\/)?images\/([\w-]+\.png)/g,
      ),
    ].map(([, name]) => name),
  )
  expect([...new Set(shown)].toSorted()).toEqual(readdirSync('docs/images').toSorted())
})

describe('command lines in the pages', () => {
  const lines = [
    ...blocks
      .filter(({ language }) => ['sh', 'bash', 'console', 'yaml'].includes(language))
      .flatMap(({ page, text }) => commandLines(text, 'backhaul').map((line) => ({ page, line }))),
    ...listFiles('examples', /\.(yml|sh)$/).flatMap((page) =>
      commandLines(readFileSync(page, 'utf8'), 'backhaul').map((line) => ({ page, line })),
    ),
    ...pages.flatMap((page) =>
      codeSpans(readFileSync(page, 'utf8'))
        .filter((span) => /^backhaul( [a-z<-]|$)/.test(span))
        .map((line) => ({ page, line })),
    ),
  ]

  test('are found', () => {
    expect(lines.length).toBeGreaterThan(20)
  })

  test('of blocks are understood by the command itself', () => {
    const wrong = blocks
      .filter(({ language }) => ['sh', 'bash', 'console'].includes(language))
      .flatMap(({ page, text }) => commandLines(text, 'backhaul').map((line) => ({ page, line })))
      .flatMap(({ page, line }) => {
        try {
          parseCommandLine(shellWords(line).slice(1))
          return []
        } catch (error) {
          return `${page}: ${line}: ${error instanceof UserError ? error.message : error}`
        }
      })
    expect(wrong).toEqual([])
  })

  test.each([
    ['backhaul show contacts', 'needs a KEY'],
    ['backhaul run --limit many', 'many'],
    ['backhaul inspect pages', 'pages'],
  ])('%s would be noticed by it', (line, problem) => {
    expect(() => parseCommandLine(shellWords(line).slice(1))).toThrow(problem)
  })

  test('use commands and options that exist', () => {
    const wrong = lines.flatMap(({ page, line }) =>
      problemsOf(line).map((problem) => `${page}: ${line}: ${problem}`),
    )
    expect(wrong).toEqual([])
  })

  test.each([
    ['backhaul rum', 'no command rum'],
    ['backhaul run --selct a', 'no option --selct'],
    ['backhaul ls -z', 'no option -z'],
  ])('%s would be noticed', (line, problem) => {
    expect(problemsOf(line)).toEqual([problem])
  })
})

describe('YAML in the pages', () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync('schema.json', 'utf8')),
  )
  const documents = blocks
    .filter(({ language }) => language === 'yaml')
    .map((block) => ({ block, name: place(block), value: parse(rendered(block.text)) as unknown }))
  const withKey = (...keys: readonly string[]) =>
    documents.filter(({ value }) =>
      keys.some((key) => typeof value === 'object' && value !== null && key in value),
    )
  const ofDbt = withKey('models', 'seeds', 'snapshots', 'exposures')

  test.each(ofDbt)('$name: syncs are valid', ({ value }) => {
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true)
  })

  const settings = withKey('version', 'targets', 'alerts', 'audit').filter(
    (one) => !ofDbt.includes(one),
  )

  test.each(settings)('$name: backhaul.yml is valid', ({ value }) => {
    const { error } = settingsSchema.safeParse({ version: 1, ...(value as object) })
    expect(error).toBeUndefined()
  })

  // Each with the key, match and object that a mapping needs around it.
  test.each(withKey('properties'))('$name: properties are those of a valid sync', ({ value }) => {
    const hubspot = { object: 'contacts', match: { email: 'email' }, ...(value as object) }
    const document = { version: 2, models: [{ name: 'people', config: { meta: { hubspot } } }] }
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  })

  test('is of a kind that is known', () => {
    // Of dbt (packages, variables, selectors, hooks, profiles) and of CI: those are other programs'.
    const others = withKey('packages', 'vars', 'on-run-end', 'selectors', 'shop', 'attach', 'jobs')
    const steps = documents.filter(({ value }) => Array.isArray(value))
    const known = [...ofDbt, ...settings, ...withKey('properties'), ...others, ...steps]
    expect(documents.filter((one) => !known.includes(one)).map(({ name }) => name)).toEqual([])
  })

  test('is found', () => {
    expect(ofDbt.length).toBeGreaterThan(0)
  })
})

describe('other blocks in the pages', () => {
  test.each(blocks.filter(({ language }) => language === 'json').map((one) => [place(one), one]))(
    '%s is JSON',
    (_, block) => {
      expect(() => JSON.parse((block as CodeBlock).text)).not.toThrow()
    },
  )

  test('say in which language they are, and it is one that is tested', () => {
    const known = ['yaml', 'console', 'sh', 'bash', 'sql', 'ts', 'js', 'json', 'liquid', 'text', '']
    const wrong = blocks.filter(({ language }) => !known.includes(language))
    expect(wrong.map((block) => `${place(block)} ${block.language}`)).toEqual([])
  })

  test('in SQL are run by a test, or are for accounts that no test has', () => {
    // documented-sql.test.ts, queries-page.test.ts and googlesql.test.ts run or check these.
    const run =
      /analytics_backhaul\.|create role backhaul login|pg_stat_activity|INFORMATION_SCHEMA\.JOBS/
    const untested: Readonly<Record<string, string>> = {
      'docs/dbt-package.md': 'Jinja of the package, whose macros and models its own tests run',
      'docs/testing-on-a-real-warehouse.md': 'makes roles in accounts of the reader',
      'docs/warehouses.md': 'grants and query history of Snowflake, a dataset of BigQuery',
    }
    const wrong = blocks.filter(
      ({ language, page, text }) =>
        language === 'sql' && !run.test(text) && untested[page] === undefined,
    )
    expect(wrong.map(place)).toEqual([])
  })
})

describe('docs/README.md', () => {
  const index = readFileSync('docs/README.md', 'utf8')
  const linked = [...index.matchAll(/\]\(([\w-]+\.md|decisions\/)\)/g)].map(
    (match) => match[1] ?? '',
  )

  test('leads to every page, once', () => {
    const written = readdirSync('docs').filter(
      (name) => name.endsWith('.md') && name !== 'README.md',
    )
    expect(linked.toSorted()).toEqual([...written, 'decisions/'].toSorted())
  })
})

test('every way in which HubSpot refuses a request is in docs/troubleshooting.md', async () => {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rows = [...ERROR_TABLE, UNLISTED].map(
    ({ category, detail, hint, disposition, endsRun }) => {
      const isForLater = endsRun === true && disposition === 'transient'
      const repeated = isForLater ? 'by the next run: this one ends' : repeating[disposition]
      return row([`\`${detail}\``, `\`${category}\``, repeated, hint])
    },
  )
  const page = readFileSync('docs/troubleshooting.md', 'utf8')
  const table = /(<!-- error table -->\n)[\s\S]*?(<!-- end -->)/
  expect(page).toMatch(table)
  const heading = [
    row(['Message', 'Category', 'Repeated', 'What to do']),
    row(Array(4).fill('---')),
  ]
  const written = page.replace(table, `$1\n${[...heading, ...rows].join('\n')}\n\n$2`)
  await expect(written).toMatchFileSnapshot('../../docs/troubleshooting.md')
})

const repeating: Readonly<Record<Disposition, string>> = {
  transient: 'yes',
  terminal: 'no',
  unknown: 'a read, and a write that is safe to repeat',
}

test('messages in docs/troubleshooting.md are in the code', () => {
  // Where a message has a value, the page has `…`.
  const code = listFiles('src', /\.ts$/)
    .map((path) => readFileSync(path, 'utf8').replaceAll(/\$\{[^}]*\}/g, '…'))
    .join('\n')
    .toLowerCase()
  const ofEngines =
    /^(could not set lock on file|permission denied (for|to create temporary tables))$/
  const page = readFileSync('docs/troubleshooting.md', 'utf8')
  const quoted = [...page.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) => codeSpans(row[1] ?? ''))
  const parts = quoted.flatMap((message) =>
    message.split('…').map((part) => part.trim().toLowerCase()),
  )
  expect(quoted.length).toBeGreaterThan(40)
  expect(parts.filter((part) => !code.includes(part) && !ofEngines.test(part))).toEqual([])
})

test('every dependency has its reason in docs/decisions/0001-dependencies.md', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
    devDependencies: Readonly<Record<string, string>>
  }
  const text = readFileSync('docs/decisions/0001-dependencies.md', 'utf8')
  const named = [...text.matchAll(/^\| `([^`]+)` \| .+ \|$/gm)].map((match) => match[1])
  expect(named.sort()).toEqual(
    [...Object.keys(dependencies), ...Object.keys(devDependencies)].sort(),
  )
})

/** As dbt's Jinja would: a variable of the environment holds a URL, which is a text, too. */
const rendered = (text: string): string =>
  text.replaceAll(/\{\{ env_var\('(\w+)'\) \}\}/g, 'https://$1.example')

function place({ page, line }: CodeBlock): string {
  return `${page}:${line}`
}

/** What is wrong with a command line; nothing for one that would be understood. */
function problemsOf(line: string): readonly string[] {
  const [, ...words] = line.replace(/\s+#.*$/, '').split(/\s+/)
  const [name] = words
  if (name === undefined || name.startsWith('-') || name.startsWith('<')) return []
  const command = commands.find((each) => each.name === name)
  if (command === undefined) return [`no command ${name}`]
  const known = optionsOf(command)
  return words
    .map((word) => /^(--[a-z-]+|-[a-z])(?=$|=)/.exec(word)?.[1])
    .filter((flag) => flag !== undefined && !known.has(flag))
    .map((flag) => `no option ${flag}`)
}

/** Its options, spelt as on the command line. */
function optionsOf({ options }: CommandSpec): ReadonlySet<string> {
  const spelt = options.flatMap(({ name, alias }) => [
    `--${name}`,
    `--no-${name}`,
    ...(alias === undefined ? [] : [`-${alias}`]),
  ])
  return new Set(['--help', '-h', '--version', ...spelt])
}
