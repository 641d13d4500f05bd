import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandsMarkdown } from '../../src/cli/command-line/commands-markdown.ts'
import { renderCommandHelp, renderHelp } from '../../src/cli/command-line/help.ts'
import { commands } from '../../src/cli/commands.ts'
import { generalOptions } from '../../src/cli/options.ts'
import { importsOf } from './source-files.ts'

const columns = 100

test('backhaul --help', async () => {
  await expect(renderHelp(columns)).toMatchFileSnapshot('help/backhaul.txt')
})

test.each(commands.map((command) => [command.name, command] as const))(
  'backhaul %s --help',
  async (name, command) => {
    await expect(renderCommandHelp(command, columns)).toMatchFileSnapshot(`help/${name}.txt`)
  },
)

test('docs/commands.md is what the table says', async () => {
  await expect(commandsMarkdown()).toMatchFileSnapshot('../../docs/commands.md')
})

describe('every command', () => {
  test.each(commands.map((command) => [command.name, command] as const))(
    '%s has examples, and each of its options is documented',
    (name, command) => {
      expect(command.examples.length).toBeGreaterThan(0)
      for (const [line] of command.examples) expect(line.split(' ')[0]).toBe(name)
      const docs = readFileSync('docs/commands.md', 'utf8')
      expect(docs).toContain(`## backhaul ${name}\n`)
      const missing = command.options.filter(
        (option) => !docs.includes(`--${option.name}`) && !docs.includes(`--[no-]${option.name}`),
      )
      expect(missing.map((option) => option.name)).toEqual([])
    },
  )

  test('gives one name and one letter one meaning, so that options may stand before the command', () => {
    const kinds = new Map<string, string>()
    const wrong: string[] = []
    for (const option of [...commands.flatMap((command) => command.options), ...generalOptions]) {
      for (const name of [option.name, option.alias ?? option.name]) {
        const meaning = `${option.name} ${option.kind}`
        if ((kinds.get(name) ?? meaning) !== meaning) wrong.push(`${name}: ${meaning}`)
        kinds.set(name, meaning)
      }
    }
    expect(wrong).toEqual([])
  })

  test('takes nothing from the environment that selects, resends or removes', () => {
    const never = [
      'select',
      'exclude',
      'limit',
      'row',
      'full-refresh',
      'force-guard',
      'gate',
      'sync',
    ]
    const wrong = commands
      .flatMap((command) => command.options)
      .filter((option) => never.includes(option.name) && option.env !== undefined)
    expect(wrong).toEqual([])
  })
})

test('help needs no package but "did you mean", and no other part of Backhaul', () => {
  const seen = new Set(['cli/main.ts', 'cli/cli.ts'])
  const packages = new Set<string>()
  for (const file of seen) {
    for (const found of importsOf(join('src', file)).filter(
      ({ isLazy, isType }) => !isLazy && !isType,
    )) {
      if (found.specifier.startsWith('.'))
        seen.add(posix.join(posix.dirname(file), found.specifier))
      else if (!found.specifier.startsWith('node:')) packages.add(found.specifier)
    }
  }
  expect([...packages]).toEqual(['fastest-levenshtein'])
  // What keeps secrets out of every output is pure, and small.
  const allowed = ['cli/', 'errors.ts', 'types.ts', 'suggest.ts', 'project/secrets.ts']
  expect([...seen].filter((file) => !allowed.some((path) => file.startsWith(path)))).toEqual([])
})
