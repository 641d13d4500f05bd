import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Stands where something of a person stood. */
const gone = '(erased)'

/**
 * Takes a person out of `run_results.json`: the keys of example rows and of asked rows, and match values wherever they stand.
 * A file that was cut short holds who knows what, and is removed.
 *
 * @returns how many places
 */
export function eraseFromResults(
  folder: string,
  {
    rowIds,
    matchValues,
  }: { readonly rowIds: readonly string[]; readonly matchValues: readonly string[] },
  isDry: boolean,
): number {
  const path = join(folder, 'run_results.json')
  if (!existsSync(path)) return 0
  let erased = 0
  const visit = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => visit(each, key))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, visit(each, name)]),
      )
    }
    if (typeof value !== 'string') return value
    const isKey = (key === 'exampleRowId' || key === 'row') && rowIds.includes(value)
    const without = isKey
      ? gone
      : matchValues.reduce((text, known) => text.replaceAll(known, gone), value)
    if (without !== value) erased += 1
    return without
  }
  const content = parsed(readFileSync(path, 'utf8'))
  if (content === undefined) {
    if (!isDry) rmSync(path)
    return 1
  }
  const results = visit(content, '')
  if (erased > 0 && !isDry) writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`)
  return erased
}

/**
 * Removes `plan.json` where it tells anything of a person: it quotes values, and a plan writes it anew.
 *
 * @returns 1 where it did
 */
export function erasePlanOf(
  folder: string,
  {
    rowIds,
    matchValues,
  }: { readonly rowIds: readonly string[]; readonly matchValues: readonly string[] },
  isDry: boolean,
): number {
  const path = join(folder, 'plan.json')
  if (!existsSync(path)) return 0
  const tells = (value: unknown, key: string): boolean => {
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).some(([name, each]) =>
        tells(each, Array.isArray(value) ? key : name),
      )
    if (typeof value !== 'string') return false
    return (
      (keysOfRows.has(key) && rowIds.includes(value)) ||
      matchValues.some((known) => value.includes(known))
    )
  }
  const content = parsed(readFileSync(path, 'utf8'))
  if (content !== undefined && !tells(content, '')) return 0
  if (!isDry) rmSync(path)
  return 1
}

/** Keys under which the key of a row stands. */
const keysOfRows: ReadonlySet<string> = new Set(['rowId', 'row', 'exampleRowId', 'target'])

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
