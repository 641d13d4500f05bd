import { resolve } from 'node:path'
import { isBlock } from '../config/merge.ts'
import type { Problem } from '../errors.ts'
import type { JinjaScope } from './jinja.ts'
import { renderBelow, type YamlDocument } from './yaml-document.ts'

type Settings = Readonly<Record<string, unknown>>

/** Keys of a profile's output that say where dbt builds, whatever the adapter; several names are one thing. */
const PLACE_KEYS: readonly (readonly string[])[] = [
  ['type'],
  ['host', 'account', 'http_path', 'path'],
  ['port'],
  ['project', 'database', 'dbname', 'catalog'],
  ['schema', 'dataset'],
]

const DEFAULT_PORTS: Readonly<Record<string, string>> = { postgres: '5432' }

/**
 * Other targets of a profile that build in the same place as the chosen one, by another user say. A target whose place
 * cannot be read (a variable is missing) is not among them.
 *
 * @param path of the outputs in the document
 */
export function targetsAtSamePlace(
  document: YamlDocument,
  path: readonly string[],
  outputs: Settings,
  chosen: string,
  options: { readonly scope: JinjaScope; readonly projectDir: string },
): readonly string[] {
  const placeOf = (name: string): string | undefined => {
    const output = outputs[name]
    if (!isBlock(output)) return undefined
    const keys = PLACE_KEYS.flat()
    const named = Object.fromEntries(Object.entries(output).filter(([key]) => keys.includes(key)))
    const problems: Problem[] = []
    const rendered = renderBelow(document, named, [...path, name], options.scope, problems)
    return problems.length > 0 || !isBlock(rendered)
      ? undefined
      : placeText(rendered, options.projectDir)
  }
  const own = placeOf(chosen)
  if (own === undefined) return []
  return Object.keys(outputs).filter((name) => name !== chosen && placeOf(name) === own)
}

function placeText(settings: Settings, projectDir: string): string | undefined {
  const text = (keys: readonly string[]): string | undefined => {
    const value = keys.map((key) => settings[key]).find((found) => found !== undefined)
    return value === undefined || value === '' ? undefined : String(value)
  }
  const [type = '', host, port, database, schema] = PLACE_KEYS.map(text)
  if (host === undefined && database === undefined) return undefined
  const server =
    host !== undefined && host === text(['path'])
      ? resolve(projectDir, host)
      : (host ?? '').toLowerCase()
  return JSON.stringify([
    type.toLowerCase(),
    server,
    port ?? DEFAULT_PORTS[type] ?? '',
    database ?? '',
    schema ?? '',
  ])
}
