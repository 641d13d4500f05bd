import { parse, stringify } from 'yaml'
import { printable } from '../errors.ts'
import type { ExposureEntry } from './generate.ts'

/** How a file begins that we may write over. */
const MARK = '# Written by `backhaul exposures'

/** True for a file that was written here, whatever became of it since; formatters may have put `---` before it. */
export const isOurs = (text: string): boolean => text.replace(/^---\s*\n/, '').startsWith(MARK)

/** The command that wrote a file, as it stands in its first line. */
export const commandIn = (text: string): string | undefined =>
  /^# Written by `(backhaul exposures.*)`: /.exec(text)?.[1]

/**
 * The whole file. Equal exposures give equal bytes.
 *
 * @param options what `backhaul exposures` was told, as it would be typed
 */
export function renderFile(exposures: readonly ExposureEntry[], options: string): string {
  const command = ['backhaul exposures', options].filter((part) => part !== '').join(' ')
  const body = stringify(
    { version: 2, exposures },
    // dbt reads YAML 1.1, where `on` is a boolean.
    { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false },
  )
  return [
    `# Written by \`${command}\`: change the syncs, then run it again.`,
    '# If dbt stops because a model named here is gone: delete this file, run dbt parse, then write it again.',
    body.replace('\nexposures:\n', '\n\nexposures:\n').replaceAll(/(?<!:)\n {2}- name: /g, '\n$&'),
  ].join('\n')
}

/**
 * What would change if `after` took the place of `before`, for people: `+`, `-` and `~` per exposure. Empty when nothing
 * would; line endings do not count.
 *
 * @param before the file as it is; undefined for none
 */
export function differences(before: string | undefined, after: string): readonly string[] {
  return rawDifferences(before, after).map((line) => printable(line))
}

function rawDifferences(before: string | undefined, after: string): readonly string[] {
  if (before !== undefined && unixLines(before) === unixLines(after)) return []
  const old = before === undefined ? new Map<string, unknown>() : entriesOf(before)
  if (old === undefined) return ['! what stands there is no list of exposures']
  const now = entriesOf(after) ?? new Map<string, unknown>()
  const names = [...new Set([...old.keys(), ...now.keys()])].sort()
  const found = names.flatMap((name) => {
    if (!old.has(name)) return [`+ ${name}`]
    if (!now.has(name)) return [`- ${name}`]
    const changed = changedLines(linesOf(old.get(name)), linesOf(now.get(name)))
    return changed.length === 0 ? [] : [`~ ${name}`, ...changed.map((line) => `    ${line}`)]
  })
  if (found.length > 0) return found
  const lines = changedLines(unixLines(before ?? ''), after)
  return lines.length > 0 ? lines : ['! only order or layout differ']
}

/** Exposures by name; undefined for text that holds none. */
function entriesOf(text: string): ReadonlyMap<string, unknown> | undefined {
  let document: unknown
  try {
    document = parse(text, { version: '1.1', logLevel: 'error' })
  } catch {
    return undefined
  }
  const { exposures } = (document ?? {}) as { readonly exposures?: unknown }
  if (!Array.isArray(exposures)) return undefined
  return new Map(exposures.map((entry) => [String((entry as { name?: unknown })?.name), entry]))
}

/** Each with the key that it belongs to. */
function linesOf(entry: unknown): string {
  return Object.entries(entry ?? {})
    .flatMap(([key, value]) => {
      const text = typeof value === 'string' ? value : stringify(value, { collectionStyle: 'flow' })
      return text
        .trimEnd()
        .split('\n')
        .map((line) => `${key}: ${line}`)
    })
    .join('\n')
}

/** Lines that only one of two texts has, in their order: first those that go, then those that come. */
function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.trimEnd().split('\n'), after.trimEnd().split('\n')]
  return [
    ...without(old, now).map((line) => `- ${line}`),
    ...without(now, old).map((line) => `+ ${line}`),
  ]
}

/** Each line of `others` takes one like it away. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return lines.filter((line) => {
    const index = left.indexOf(line)
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}

const unixLines = (text: string): string => text.replaceAll('\r\n', '\n')
