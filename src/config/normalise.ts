import type { Sync } from '../types.ts'
import { normaliseAssociations } from './normalise-associations.ts'
import { guardsOf } from './normalise-guards.ts'
import { mappingsOf } from './normalise-mappings.ts'
import { matchOf } from './normalise-match.ts'
import { startOf } from './normalise-start.ts'
import { objectRules } from './object-rules.ts'
import type { LocatedFinding, Parsed } from './parsed-sync.ts'
import { primaryKeyOf } from './primary-key.ts'
import { gateOf } from './sync-gate.ts'

/** The sync, as far as it can be told, and what is wrong with it; it is valid when that is nothing. */
export interface Normalised {
  readonly sync: Sync
  readonly findings: readonly LocatedFinding[]
}

/** Fills in defaults and applies the rules that concern one sync alone. */
export function normalise(parsed: Parsed): Normalised {
  const { input, model, originOf } = parsed
  const matched = matchOf(input)
  const match = 'finding' in matched ? undefined : matched.match
  const mapped = mappingsOf(parsed, match)
  const links = normaliseAssociations(input.associations, originOf)
  const gate = gateOf(input.gate, model, parsed.manifest)
  const findings: LocatedFinding[] = [...objectRules(parsed)]
  if ('finding' in matched) findings.push(matched.finding)
  findings.push(...mapped.findings)
  // Where something else is wrong already, that is why there is no mapping.
  if (mapped.mappings.length === 0 && findings.length === 0 && parsed.mayMapNothing !== true) {
    findings.push({ path: ['properties'], message: 'is empty: the sync would write nothing' })
  }
  findings.push(...links.findings, ...gate.findings)
  return {
    findings,
    sync: {
      name: parsed.name,
      type: 'object',
      model,
      object: input.object,
      mode: input.mode,
      primaryKey: primaryKeyOf(parsed) ?? [],
      isKeyInferred: input.primary_key === undefined,
      ...(match === undefined ? {} : { match }),
      ...startOf(parsed),
      ...(input.tracking_property === undefined
        ? {}
        : { trackingProperty: input.tracking_property }),
      ...(input.where === undefined ? {} : { where: input.where }),
      mappings: mapped.mappings,
      associations: links.associations,
      onDelete: input.on_delete,
      deletesAdopted: input.delete_adopted,
      guards: guardsOf(input.guards),
      maxAttempts: input.max_attempts,
      maxRejected: input.max_rejected,
      ...(input.previous_name === undefined ? {} : { previousName: input.previous_name }),
      ...gate.found,
      enabled: input.enabled,
      origin: parsed.origin,
      keyOrigins: {
        primary_key: originOf(['primary_key']),
        match: originOf(['match']),
        object: originOf(['object']),
        where: originOf(['where']),
      },
    },
  }
}
