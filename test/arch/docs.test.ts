import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type CommandSpec, commands } from '../../src/cli/commands.ts'
import { settingsSchema } from '../../src/config/settings-schema.ts'
import { findUnsupported } from '../../src/config/unsupported.ts'
import {
  brokenLinks,
  type CodeBlock,
  codeBlocks,
  codeSpans,
  commandLines,
  listPages,
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

describe('command lines in the pages', () => {
  const lines = [
    ...blocks
      .filter(({ language }) => ['sh', 'console', 'yaml'].includes(language))
      .flatMap(({ page, text }) => commandLines(text, 'backhaul').map((line) => ({ page, line }))),
    ...pages.flatMap((page) =>
      codeSpans(readFileSync(page, 'utf8'))
        .filter((span) => /^backhaul( [a-z<-]|$)/.test(span))
        .map((line) => ({ page, line })),
    ),
  ]

  test('are found', () => {
    expect(lines.length).toBeGreaterThan(20)
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
    .map((block) => ({ block, name: place(block), value: parse(block.text) as unknown }))
  const withKey = (...keys: readonly string[]) =>
    documents.filter(({ value }) =>
      keys.some((key) => typeof value === 'object' && value !== null && key in value),
    )
  const ofDbt = withKey('models', 'seeds', 'snapshots', 'exposures')

  test.each(ofDbt)('$name: syncs are valid', ({ value }) => {
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true)
  })

  test.each(ofDbt)('$name: syncs use what is carried out today', ({ value }) => {
    expect(syncBlocks(value).flatMap((block) => findUnsupported(block))).toEqual([])
  })

  test.each(withKey('version').filter(({ value }) => !ofDbt.some((one) => one.value === value)))(
    '$name: backhaul.yml is valid',
    ({ value }) => {
      expect(settingsSchema.safeParse(value).error).toBeUndefined()
    },
  )

  test('is found', () => {
    expect(ofDbt.length).toBeGreaterThan(0)
  })
})

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

function place({ page, line }: CodeBlock): string {
  return `${page}:${line}`
}

/** Every sync of a dbt YAML document. */
function syncBlocks(document: unknown): readonly unknown[] {
  if (typeof document !== 'object' || document === null) return []
  return Object.entries(document).flatMap(([key, value]) =>
    key === 'hubspot' ? [value].flat() : syncBlocks(value),
  )
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
