import type { FoundRecord } from '../destination/destination.ts'

/** What of a record decides. */
export type Held = Pick<FoundRecord, 'properties'>

/** Properties that are not always written. */
interface Policies {
  readonly createOnly: readonly string[]
  readonly ifEmpty: readonly string[]
}

/** What a row of a plan says of its properties, as JSON. */
export interface PlannedTexts {
  readonly newValues: string
  readonly changedProperties: string
  readonly doubtfulValues: string
  readonly auditOld: string | null
  readonly auditNew: string | null
}

/**
 * Takes out of a planned row what its record must not get: what only a create sends, and what goes only where HubSpot holds nothing.
 *
 * @returns undefined when all of it may go
 */
export function withhold(
  planned: PlannedTexts,
  found: Held | undefined,
  policies: Policies,
): PlannedTexts | undefined {
  if (found === undefined) return undefined
  const sent = JSON.parse(planned.changedProperties) as string[]
  const isHeld = (name: string) =>
    policies.createOnly.includes(name) ||
    (policies.ifEmpty.includes(name) && (found.properties[name] ?? '') !== '')
  const held = new Set(sent.filter(isHeld))
  if (held.size === 0) return undefined
  const values = JSON.parse(planned.newValues) as Record<string, string>
  // Where HubSpot holds what the row says, that is what it was sent, as far as the next run has to know.
  const same = Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => held.has(name) && found.properties[name] === value,
    ),
  )
  const without = (text: string, instead: Readonly<Record<string, string>> = {}): string => {
    const all = Object.entries(JSON.parse(text) as Record<string, string>)
    return JSON.stringify({
      ...Object.fromEntries(all.filter(([name]) => !held.has(name))),
      ...instead,
    })
  }
  return {
    newValues: without(planned.newValues, same),
    changedProperties: JSON.stringify(sent.filter((name) => !held.has(name))),
    doubtfulValues: without(planned.doubtfulValues, same),
    auditOld: planned.auditOld === null ? null : without(planned.auditOld),
    auditNew: planned.auditNew === null ? null : without(planned.auditNew),
  }
}
