import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { childrenIn } from '../demo/children.ts'
import { shellWord } from '../render/shell-word.ts'
import type { Session } from '../session.ts'

/** dbt's own options that lead it to the same project. */
const shared = ['project-dir', 'profiles-dir', 'profile', 'target', 'target-path', 'vars']

/** dbt as a program of this machine. */
export interface DbtProgram {
  /** `dbt parse`, as it would be typed here. */
  readonly typed: string
  /** The options that lead a command to this project, as they would be typed; empty for none. */
  readonly options: string
  /** Undefined: there is no dbt at hand. */
  parse(): Promise<{ readonly isDone: boolean; readonly output: string } | undefined>
}

/** `BACKHAUL_DBT` names the program; `none` goes without. */
export function dbtProgram(args: Arguments, io: Io, session: Session): DbtProgram {
  const options = shared.flatMap((name) =>
    args[name] === undefined ? [] : [`--${name}`, String(args[name])],
  )
  const program = io.env['BACKHAUL_DBT'] || 'dbt'
  const typed = options.map((word) => (word.startsWith('--') ? word : shellWord(word))).join(' ')
  return {
    typed: `dbt parse ${typed}`.trimEnd(),
    options: typed,
    async parse() {
      if (program === 'none') return undefined
      const children = childrenIn({ cwd: io.cwd, env: io.env, signal: session.drain })
      const { exitCode, output } = await children.run(program, [
        '--no-use-colors',
        'parse',
        ...options,
      ])
      return exitCode === 127 ? undefined : { isDone: exitCode === 0, output }
    },
  }
}
