import type { LogLevel } from '../log.ts'
import { dbtOption } from '../project/environment.ts'
import { dbtFlag, type Io } from './command-line/io.ts'
import type { Arguments } from './command-line/option.ts'

const levels: readonly (LogLevel | 'none')[] = ['debug', 'info', 'warn', 'error', 'none']

/** Format and level of the log, by flag, then by dbt's variables. */
export function logChoice(args: Arguments, env: Io['env']) {
  const isOn = (name: string, variable: string) => args[name] ?? dbtFlag(env, variable) ?? false
  const format = args['log-format'] ?? dbtOption(env, 'LOG_FORMAT')
  const asked = args['log-level'] ?? dbtOption(env, 'LOG_LEVEL')
  const level = levels.find((known) => known === asked) ?? 'info'
  return {
    format: format === 'json' ? ('json' as const) : ('text' as const),
    level: isOn('quiet', 'QUIET') ? 'error' : isOn('debug', 'DEBUG') ? 'debug' : level,
  } as const
}
