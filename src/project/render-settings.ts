import { type Finding, valueAt } from '../config/check.ts'
import { isBlock } from '../config/merge.ts'
import type { Problem } from '../errors.ts'
import type { JinjaScope } from './jinja.ts'
import { type Path, renderBelow, type YamlDocument } from './yaml-document.ts'

type Block = Readonly<Record<string, unknown>>

/** Keys that lead to the token; a target that has one of them replaces all of them. */
export const TOKEN_KEYS = ['access_token', 'token_command', 'oauth'] as const

export interface Rendered {
  readonly value: unknown
  /** Problems of the token's keys: they matter only when HubSpot is asked. */
  readonly tokenProblems: readonly Problem[]
  /** Variables of `hook:` that are not set: they matter only to `backhaul hook`. */
  readonly hookProblems: readonly Problem[]
}

/** Renders everything but alerts, and the other targets, whose variables need not be set here. */
export function renderSettings(
  document: YamlDocument,
  raw: Block,
  targetName: string,
  scope: JinjaScope,
  problems: Problem[],
): Rendered {
  const found: Problem[] = []
  const render = (value: unknown, path: Path) => renderBelow(document, value, path, scope, found)
  // Each alert is rendered by itself: a variable that is missing in one is no other's problem.
  const { targets, alerts: _, ...rest } = raw
  const value = render(rest, []) as Record<string, unknown>
  if (isBlock(targets)) {
    const own = targets[targetName]
    const path = ['targets', targetName]
    value['targets'] = own === undefined ? targets : { ...targets, [targetName]: render(own, path) }
  } else if (targets !== undefined) value['targets'] = render(targets, ['targets'])

  for (const path of [['hubspot'], ['targets', targetName]]) {
    const section = valueAt(value, path)
    if (!isBlock(section) || section['access_token'] !== '') continue
    const key = [...path, 'access_token']
    found.push({ message: 'is empty', where: document.at(key), key: key.join('.') })
    Reflect.deleteProperty(section, 'access_token')
  }
  problems.push(...found.filter((problem) => !isOfToken(problem) && !isOfHook(problem)))
  return {
    value,
    tokenProblems: found.filter(isOfToken),
    hookProblems: found.filter(isOfHook),
  }
}

const isOfHook = ({ key = '' }: Problem): boolean => key.startsWith('hook.')

function isOfToken({ key = '' }: Problem): boolean {
  return TOKEN_KEYS.some((name) => key.split('.').includes(name))
}

/** The document with nothing said about the other targets. */
export function withoutOtherTargets(rendered: unknown, targetName: string): unknown {
  if (!isBlock(rendered) || !isBlock(rendered['targets'])) return rendered
  const targets = Object.entries(rendered['targets']).map(([name, settings]) => [
    name,
    name === targetName ? settings : null,
  ])
  return { ...rendered, targets: Object.fromEntries(targets) as unknown }
}

/**
 * What the schema found, with its place. Jinja that was not rendered says nothing about its type: that of another
 * target, and that whose problem is known already.
 */
export function settingsProblems(
  document: YamlDocument,
  rendered: unknown,
  findings: readonly Finding[],
): readonly Problem[] {
  return findings
    .filter(({ path, message }) => {
      const value = valueAt(rendered, path)
      const isJinja = typeof value === 'string' && /\{[{%#]/.test(value)
      const isKnown = value === undefined && valueAt(document.value, path) !== undefined
      return message === 'unknown key' || (!isJinja && !isKnown)
    })
    .map(({ path, message, hint }) => ({
      message,
      where: document.at(path),
      ...(path.length === 0 ? {} : { key: path.join('.') }),
      ...(hint === undefined ? {} : { hint }),
    }))
}
