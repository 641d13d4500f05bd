import { expect, test } from 'vitest'
import { type Io, processIo } from '../../../../src/cli/command-line/io.ts'
import {
  annotationLine,
  withCommands,
  withoutCommands,
} from '../../../../src/cli/github/workflow-commands.ts'

/** Lines that GitHub's runner takes as commands, by its own rules. */
const commandsIn = (text: string): readonly string[] =>
  text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.replace(/^[\s\u0085]+/, '').startsWith('::') || line.includes('##['))

test.each([
  '::error::x',
  '  ::error::x',
  '\t::set-env name=A::x',
  'a\n::error::x',
  'a\r::error::x',
  'a\r\n\u00a0\u2003::error::x',
  '\u0085::error::x',
  '\n\n \n::add-mask::a\n::add-mask::b\n',
  'name: ##[add-mask]a',
  '{"name":"##[add-mask]a"}',
  '::::::',
])('%j is no command afterwards', (text) => {
  expect(commandsIn(text)).not.toEqual([])
  const told = withoutCommands(text)
  expect(commandsIn(told)).toEqual([])
  expect(told.replaceAll('\u200b', '').replaceAll('\\u005b', '[')).toBe(text)
})

test('other text stays as it is, and JSON says the same', () => {
  for (const text of ['12:00:00  a::b\n', 'select 1::text', '# [x] ::', '{"a": "::b"}'])
    expect(withoutCommands(text)).toBe(text)
  const document = JSON.stringify({ name: '\n::error::##[x]' })
  expect(JSON.parse(withoutCommands(document))).toEqual(JSON.parse(document))
})

test('no word of an annotation ends it or adds to it', () => {
  const line = annotationLine({
    level: 'error',
    title: 'Sync a,file=b::c\n::error::d',
    message: '100%0A\r\n::warning::e',
    file: 'models/a,line=9:b.yml',
    line: 3,
    column: 5,
  })
  expect(line).toBe(
    '::error file=models/a%2Cline=9%3Ab.yml,line=3,col=5,title=Sync a%2Cfile=b%3A%3Ac%0A%3A%3Aerror%3A%3Ad::100%250A%0D%0A::warning::e\n',
  )
})

test('a secret is hidden in the form that an annotation gives it, too', () => {
  const hidden: string[] = []
  const io: Io = {
    ...processIo(),
    env: { GITHUB_ACTIONS: 'true' },
    hide: (secrets) => void hidden.push(...secrets),
  }
  withCommands(io, undefined).hide(['p%ss:w,rd'])
  expect(hidden).toEqual(['p%ss:w,rd', 'p%25ss:w,rd', 'p%25ss%3Aw%2Crd'])
})
