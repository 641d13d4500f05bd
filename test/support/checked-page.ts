import { readFileSync } from 'node:fs'
import type { CliResult } from './cli.ts'

/** A block that shows a command and, below it, what it says; between tildes where that holds a block itself. */
const example = /(```|~~~)console\n\$ backhaul (.*)\n([\s\S]*?)\1\n/g

/** What differs from run to run, to be left out of comparisons: ids, moments, durations, places, usage, and how wide a table is. */
const volatile: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?\b/g, 'ID'],
  [/\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d+Z?)?/g, 'MOMENT'],
  // Milliseconds of a call, and what was left of the limit, in a table of calls.
  [/( [245]\d\d +\d+ +)\d+( +\d+ +)\d+\b/g, '$1MS$2LEFT'],
  [/\b\d\d:\d\d:\d\d\b/g, 'TIME'],
  [/\bjust now\b|\b\d+ (s|min|h|minutes?|seconds?) ago\b/g, 'AGO'],
  [/\b\d+(\.\d+)? (s|ms|min)\b/g, 'DURATION'],
  [/[\d,]+ of ([\d,]+) used, [\d,]+ left/g, 'USED of $1'],
  [/[\d,]+ of ([\d,]+) calls left/g, 'LEFT of $1'],
  [/127\.0\.0\.1:\d+/g, 'SANDBOX'],
  [/\/\S*backhaul-example-\w+/g, '/shop'],
  [/Node\.js [\d.]+, .*/g, 'NODE'],
  [/[ ─]+/g, ' '],
  [/ +$/gm, ''],
]

const canonical = (text: string): string =>
  volatile.reduce((left, [pattern, word]) => left.replaceAll(pattern, word), text.trim())

/** How a page shows an answer: as it stands in the page where it still says that, else as it is now. */
function shown(before: string, { stdout, stderr }: CliResult): string {
  const now = (stdout.trim() === '' ? stderr : stdout).replace(/^\n+|\s+$/g, '')
  const tidy = now
    .replace(/\/\S*backhaul-example-\w+/g, '/shop')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
  return canonical(before) === canonical(tidy) ? before : `${tidy}\n`
}

/** The commands that a page shows with what they say. */
export const examplesOf = (page: string): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(example)].map((match) => match[2] ?? '')

/** The page with what its commands say now. */
export async function replayed(
  page: string,
  run: (...args: readonly string[]) => Promise<CliResult>,
): Promise<string> {
  const text = readFileSync(page, 'utf8')
  const answers: string[] = []
  for (const [, , command = '', before = ''] of text.matchAll(example)) {
    answers.push(shown(before, await run(...words(command))))
  }
  let index = 0
  return text.replaceAll(
    example,
    (_, fence: string, command: string) =>
      `${fence}console\n$ backhaul ${command}\n${answers[index++]}${fence}\n`,
  )
}

/** Arguments as a shell would part them; the pages quote with double quotes only. */
const words = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '')
