import { describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../../../src/cli/command-line/parse.ts'
import { UserError } from '../../../../src/errors.ts'

const read = (...argv: readonly string[]) => {
  const { command, args } = parseCommandLine(argv)
  return { command: command?.name, args }
}

function complaint(...argv: readonly string[]): string {
  try {
    parseCommandLine(argv)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).exitCode).toBe(2)
    return (error as UserError).message
  }
  return 'no complaint'
}

describe('options', () => {
  test('may stand before or after the command, with or without =', () => {
    const expected = {
      command: 'plan',
      args: { target: 'prod', limit: 5, output: 'text', gate: 'auto' },
    }
    expect(read('plan', '--target', 'prod', '--limit=5')).toEqual(expected)
    expect(read('--target=prod', 'plan', '--limit', '5')).toEqual(expected)
    expect(read('-t', 'prod', 'plan', '--limit', '5')).toEqual(expected)
  })

  test('that are lists take several values and may be repeated', () => {
    expect(read('ls', '-s', 'a', 'b,c', '--exclude', 'd', '--select', 'e').args).toMatchObject({
      select: ['a', 'b,c', 'e'],
      exclude: ['d'],
    })
  })

  test('that are flags have a no, and short ones may be joined', () => {
    expect(read('run', '-qx', '--no-use-colors').args).toMatchObject({
      quiet: true,
      'fail-fast': true,
      'use-colors': false,
    })
    expect(read('run', '--no-quiet', '--debug=false').args).toMatchObject({
      quiet: false,
      debug: false,
    })
  })

  test('that are not given are absent', () => {
    expect(read('sandbox').args).toEqual({
      port: 4010,
      tier: 'professional',
      latency: 0,
      'search-delay': 0,
      seed: 1,
    })
  })

  test('take values that look like numbers below zero, and keys with any sign', () => {
    expect(read('run', '--row', '-5', '--row=--odd').args['row']).toEqual(['-5', '--odd'])
  })
})

test.each([
  [['pln'], 'There is no command pln; did you mean plan?'],
  [['frobnicate'], 'There is no command frobnicate'],
  [['run', '--selct', 'x'], 'backhaul run has no option --selct; did you mean --select?'],
  [['run', '-z'], 'backhaul run has no option -z'],
  [['ls', '--fail-fast'], 'backhaul ls has no option --fail-fast'],
  [['run', '--limit'], '--limit needs a value'],
  [['run', '--limit', '--quiet'], '--limit needs a value'],
  [['run', '--limit', 'ten'], '--limit needs a whole number, not ten'],
  [['run', '--limit', '-5'], '--limit needs a whole number, not -5'],
  [['run', '--gate', 'requre'], '--gate requre is not possible; did you mean require?'],
  [['run', '--quiet=maybe'], '--quiet takes no value'],
  [['run', 'contacts'], 'backhaul run does not know what to do with contacts'],
  [['--nonsense'], 'backhaul has no option --nonsense'],
])('%j is answered in one line and a hint', (argv, expected) => {
  const [first, hint, ...more] = complaint(...argv).split('\n')
  expect(first).toBe(expected)
  expect(hint).toMatch(/^ {4}\S.*\.?$/)
  expect(more).toEqual([])
})

test('a hint gives a value that the option could have', () => {
  expect(complaint('sandbox', '--port', 'abc')).toContain('For example --port 4010.')
  expect(complaint('run', '--limit', 'x')).toContain('For example --limit 10.')
})

test('help is a word, too', () => {
  expect(read('help')).toEqual({ command: undefined, args: { help: true } })
  expect(read('help', 'run')).toMatchObject({ command: 'run', args: { help: true } })
  expect(read('--debug', 'help', 'sandbox').command).toBe('sandbox')
  expect(complaint('help', 'pln')).toContain('There is no command pln; did you mean plan?')
})

test('help and version need no command', () => {
  expect(read('--help')).toEqual({ command: undefined, args: { help: true } })
  expect(read('run', '-h').args['help']).toBe(true)
})

describe('words behind the command', () => {
  test('fill its arguments in order, wherever options stand', () => {
    expect(parseCommandLine(['show', '--all', 'contacts', '42']).args).toMatchObject({
      SYNC: 'contacts',
      KEY: '42',
      all: true,
    })
    expect(parseCommandLine(['--target', 'prod', 'show', 'contacts', '42']).args).toMatchObject({
      SYNC: 'contacts',
      KEY: '42',
      target: 'prod',
    })
  })

  test('may begin with a dash behind --, and end a list there', () => {
    expect(parseCommandLine(['show', 'contacts', '--', '-5']).args).toMatchObject({ KEY: '-5' })
    expect(parseCommandLine(['retry', '--row', '1', '2', '--', 'contacts']).args).toMatchObject({
      row: ['1', '2'],
      SYNC: 'contacts',
    })
  })

  test.each([
    [['show', 'contacts'], 'backhaul show needs a KEY'],
    [['show', 'contacts', '1', '2'], 'does not know what to do with 2'],
    [['show', 'contacts', '-5'], 'has no option -5'],
    [['inspect', 'objekts'], 'WHAT objekts is not possible; did you mean objects?'],
    [['inspect'], 'needs one of objects, properties'],
    [['state', 'imprt', 'x'], 'did you mean import?'],
  ])('%j: %s', (argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(message)
  })

  test('are not asked for when help is', () => {
    expect(parseCommandLine(['show', '--help']).args['help']).toBe(true)
    expect(parseCommandLine(['help', 'show']).args['help']).toBe(true)
  })
})
