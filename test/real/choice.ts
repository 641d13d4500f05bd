import { parseArgs } from 'node:util'
import { UserError } from '../../src/errors.ts'
import { didYouMean } from '../../src/suggest.ts'
import type { ServedEngine } from '../support/schemas.ts'

export const usage = `npm run test:real -- ENGINE --profile NAME [--target NAME] [--profiles-dir DIR] [FILE…] [-t PATTERN]

Runs the tests that every warehouse has to pass on an account of yours: snowflake, bigquery or postgres.
The page docs/testing-on-a-real-warehouse.md says what it needs, makes, costs and removes.

  --profile NAME       profile in profiles.yml (or DBT_PROFILE)
  --target NAME        output of the profile; its own \`target\` by default
  --profiles-dir DIR   where profiles.yml is; by default the working folder, then ~/.dbt
  FILE…                only test files whose path contains one of these
  -t PATTERN           only tests whose name matches
  --drop-leftovers     runs no test; drops what runs that were killed have left
`

/** What the command line asks for. */
export interface Choice {
  readonly engine: ServedEngine
  readonly profile: string | undefined
  readonly target: string | undefined
  readonly profilesDir: string | undefined
  readonly files: readonly string[]
  readonly pattern: string | undefined
  readonly dropsLeftovers: boolean
}

const engines: readonly ServedEngine[] = ['snowflake', 'bigquery', 'postgres']

/** @throws UserError with exit code 2 */
export function readChoice(argv: readonly string[]): Choice | 'help' {
  const { values, positionals } = parsed(argv)
  if (values.help === true) return 'help'
  const [name, ...files] = positionals
  const engine = engines.find((one) => one === name)
  if (engine === undefined) {
    throw name === undefined
      ? misuse(
          'say which warehouse',
          `One of ${engines.join(', ')}: npm run test:real -- snowflake …`,
        )
      : misuse(`these tests know no warehouse ${name}`, didYouMean(name, engines))
  }
  return {
    engine,
    profile: values.profile,
    target: values.target,
    profilesDir: values['profiles-dir'],
    files,
    pattern: values.t,
    dropsLeftovers: values['drop-leftovers'] === true,
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        profile: { type: 'string' },
        target: { type: 'string' },
        'profiles-dir': { type: 'string' },
        t: { type: 'string', short: 't' },
        'drop-leftovers': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (cause) {
    const [message = ''] = String((cause as Error).message).split('. ')
    throw misuse(message, 'See npm run test:real -- --help', cause)
  }
}

const misuse = (message: string, hint: string, cause?: unknown) =>
  new UserError({ message, hint }, { exitCode: 2, cause })
