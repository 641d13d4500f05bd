import { valueAt } from '../config/check.ts'
import { isBlock } from '../config/merge.ts'
import type { YamlDocument } from './yaml-document.ts'

/** The entries of `alerts:` as they are written. */
export function alertEntries({ value }: YamlDocument): readonly unknown[] {
  const written = valueAt(value, ['alerts'])
  return Array.isArray(written) ? (written as readonly unknown[]) : []
}

/** A text that holds Jinja, so that the rest can be looked at before it is rendered. */
export function blankJinja(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(blankJinja)
  if (!isBlock(value)) return value
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    isJinja(inner) ? placeholderOf(key) : blankJinja(inner),
  ])
  return Object.fromEntries(entries)
}

export const isJinja = (value: unknown): boolean =>
  typeof value === 'string' && /\{[{%#]/.test(value)

/** What the schema takes in the place of a value that is not known yet. */
function placeholderOf(key: string): unknown {
  const usual: Readonly<Record<string, unknown>> = {
    port: 587,
    when: ['failure'],
    rejected_above: 0,
    stale_after: '1d',
    severity: 'error',
    region: 'us',
    tls: 'starttls',
  }
  if (key in usual) return usual[key]
  if (key.endsWith('url')) return 'https://jinja.invalid'
  return key === 'from' || key === 'to' ? 'jinja@jinja.invalid' : 'jinja'
}
