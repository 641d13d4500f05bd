import { harmless } from '../../errors.ts'
import type { Say } from '../../types.ts'

/** A key as it is typed on a command line: quoted where a shell would read something else, escaped where a terminal would. */
export function shellWord(text: string): string {
  if (/^[\w.@-]+$/.test(text)) return text
  if (harmless(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`
  return `$'${harmless(text.replaceAll(/['\\]/g, '\\$&'))}'`
}

/** The same as a word of its own: one that begins with a dash is no option. */
export const keyWord = (key: string): string =>
  key.startsWith('-') ? `-- ${shellWord(key)}` : shellWord(key)

/** Writes commands to type next; they name the target where it is not the profile's own. */
export function sayFor(project: {
  readonly targetName: string
  readonly defaultTargetName: string
}): Say {
  const { targetName, defaultTargetName } = project
  const target = targetName === defaultTargetName ? '' : ` --target ${shellWord(targetName)}`
  return (words) => {
    const [command = '', ...rest] = words.split(' ')
    return `backhaul ${[command + target, ...rest].join(' ')}`
  }
}
