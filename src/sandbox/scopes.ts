import type { ObjectType } from './store/object-type.ts'

/** Types whose scopes do not follow the pattern `crm.objects.{type}.…`. */
const OLDER_SCOPES: Readonly<Record<string, string>> = {
  tickets: 'tickets',
  products: 'e-commerce',
  line_items: 'e-commerce',
}

/** Scopes any of which lets records of a type be read or written. */
export function objectScopes(type: ObjectType, access: 'read' | 'write'): readonly string[] {
  const scope = `crm.objects.${scopeName(type)}.${access}`
  const older = OLDER_SCOPES[type.name]
  return older === undefined ? [scope] : [scope, older]
}

/** Scopes any of which lets definitions of a type be read or changed. */
export function schemaScopes(type: ObjectType, access: 'read' | 'write'): readonly string[] {
  const scope = `crm.schemas.${scopeName(type)}.${access}`
  const older = OLDER_SCOPES[type.name]
  const others = access === 'read' ? objectScopes(type, 'read') : older === undefined ? [] : [older]
  return [scope, ...others]
}

function scopeName(type: ObjectType): string {
  return type.isCustom ? 'custom' : type.name
}

/** Scopes that concern no object type: one of each, by what it is for. */
export const otherScopes = {
  owners: 'crm.objects.owners.read',
  readLists: 'crm.lists.read',
  writeLists: 'crm.lists.write',
  sendEvents: 'analytics.behavioral_events.send',
  defineEvents: 'behavioral_events.event_definitions.read_write',
} as const
