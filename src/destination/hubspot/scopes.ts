/** Scopes any one of which is enough, and what needs it. */
export interface NeededScope {
  readonly anyOf: readonly string[]
  readonly why: string
}

/** Objects whose scopes go by another name (security of HubSpot's OpenAPI files, checked 2026-11-23). */
const SCOPE_NAMES: Readonly<Record<string, string>> = {
  goal_targets: 'goals',
  payments: 'commercepayments',
}

/** Older scopes that do as well ("Scopes" on developers.hubspot.com, checked 2026-11-23). */
const OLDER_SCOPES: Readonly<Record<string, string>> = {
  products: 'e-commerce',
  line_items: 'e-commerce',
}

/**
 * The least that a token needs to look records of an object up and to write them. Whoever may read an object may also read its
 * properties.
 */
export function objectScopes(object: {
  readonly name: string
  readonly objectTypeId: string
}): readonly NeededScope[] {
  const why = (access: string) => `${access} ${object.name}`
  if (object.name === 'tickets') {
    return [{ anyOf: ['tickets'], why: why('read and write') }]
  }
  const isCustom = object.objectTypeId.startsWith('2-')
  const name = isCustom ? 'custom' : (SCOPE_NAMES[object.name] ?? object.name)
  const older = OLDER_SCOPES[object.name]
  return ['read', 'write'].map((access) => ({
    anyOf: [`crm.objects.${name}.${access}`, ...(older === undefined ? [] : [older])],
    why: why(access),
  }))
}

/** "Scopes" on developers.hubspot.com, checked 2026-11-23. */
export const EVENT_SCOPES: readonly NeededScope[] = [
  { anyOf: ['analytics.behavioral_events.send'], why: 'send events' },
  {
    anyOf: ['behavioral_events.event_definitions.read_write'],
    why: 'read (and create) events and their properties',
  },
]

/** Creating a list and changing its members; reading it first (security of HubSpot's OpenAPI files, checked 2026-11-23). */
export const LIST_SCOPES: readonly NeededScope[] = [
  { anyOf: ['crm.lists.read'], why: 'read lists' },
  { anyOf: ['crm.lists.write'], why: 'make lists and change their members' },
]

export const OWNER_SCOPE: NeededScope = {
  anyOf: ['crm.objects.owners.read'],
  why: 'find owners by e-mail',
}
