import { formatProblem, type Problem } from '../../src/errors.ts'
import { yamlFile } from './dbt-files.ts'

/** Marks of a text that was not written for people. */
export const internals =
  /\bundefined\b|\[object \w+\]|\bNaN\b|\n\s+at |TypeError|RangeError|node_modules|\.ts:\d|\bDefect\b/

/** What makes a problem unclear. */
export function faultsOf(problem: Problem): readonly string[] {
  const { message, where, sync } = problem
  const text = formatProblem(problem)
  const faults: Readonly<Record<string, boolean>> = {
    'says nothing': message.trim().length < 8,
    'shows what is inside': internals.test(text),
    'has control characters': /[\p{Cc}\u202a-\u202e]/u.test(text.replaceAll(/[\n\t]/g, '')),
    'is too long': text.length > 3000,
    'has no place':
      where?.file !== yamlFile || where.line === undefined || where.column === undefined,
    'names neither sync nor column':
      sync === undefined && !/column |`hubspot|exposure/.test(message),
  }
  return Object.entries(faults).flatMap(([fault, isSo]) => (isSo ? [fault] : []))
}
