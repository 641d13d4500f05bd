import { harmless } from '../../errors.ts'
import type { Io } from '../command-line/io.ts'

/**
 * What GitHub's runner does for a line of a step's output: `::name key=value::data`, and the older `##[name key=value]data`.
 * docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, checked 2026-11-26.
 */
export interface Annotation {
  readonly level: 'error' | 'warning'
  readonly title: string
  readonly message: string
  /** Relative to the workspace; left out where it is not in there. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

const isOnGithub = (env: Io['env']): boolean => env['GITHUB_ACTIONS'] === 'true'

/**
 * On GitHub no text of ours is a command, whatever a row, a project or HubSpot says; commands that we mean go by `workflowCommand`.
 *
 * @param asked `--annotations` or `--no-annotations`
 */
export function withCommands(io: Io, asked: unknown): Io {
  const isHere = isOnGithub(io.env)
  const isWanted = typeof asked === 'boolean' ? asked : isHere
  if (!isHere && !isWanted) return io
  return {
    ...io,
    stdout: (text) => io.stdout(withoutCommands(text)),
    stderr: (text) => io.stderr(withoutCommands(text)),
    // Commands are written in signs of their own.
    hide: (secrets) =>
      io.hide(secrets.flatMap((text) => [text, dataText(text), propertyText(text)])),
    ...(isWanted ? { workflowCommand: io.stderr } : {}),
  }
}

/** Not white space to the runner, and not seen by people. */
const zeroWidthSpace = '\u200b'

/**
 * Text of which no line is a command. The runner looks for `::` at the start of a line, white space left out, and for `##[` anywhere in it.
 * JSON says the same afterwards: there it can only be within a text.
 */
export function withoutCommands(text: string): string {
  const apart = text.replaceAll(/(^|[\n\r])([\s\u0085]*)::/g, `$1$2${zeroWidthSpace}::`)
  return apart.replaceAll('##[', /^\s*[{[]/.test(text) ? '##\\u005b' : `##${zeroWidthSpace}[`)
}

const dataText = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const propertyText = (text: string): string =>
  dataText(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** The line that makes the runner show it at the file. */
export function annotationLine({ level, message, ...rest }: Annotation): string {
  const { file, line, column, title } = rest
  const properties = [
    ...(file === undefined ? [] : [['file', file] as const]),
    ...(file === undefined || line === undefined ? [] : [['line', String(line)] as const]),
    ...(file === undefined || column === undefined ? [] : [['col', String(column)] as const]),
    ['title', title] as const,
  ].map(([name, value]) => `${name}=${propertyText(harmless(value, '\r\n\t'))}`)
  return `::${level} ${properties.join(',')}::${dataText(harmless(message, '\r\n\t'))}\n`
}

/** From here to `groupEnd` the lines are folded under the title. */
export const groupStart = (title: string): string => `::group::${dataText(title)}\n`
export const groupEnd = '::endgroup::\n'
