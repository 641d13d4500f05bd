import { type Answer, refuse, refuseInvalid } from '../answers.ts'
import type { EventDefinition } from './event.ts'
import { isoTime } from './object-type.ts'
import type { Portal } from './portal.ts'
import type { Property, PropertyOption } from './property.ts'
import { type StoredProperty, storedProperty } from './stored-property.ts'

/** Definitions an account may have. https://developers.hubspot.com/docs/api-reference/legacy/events/manage-event-definitions/guide */
const MAX_DEFINITIONS = 500
const MAX_NAME_LENGTH = 50
const NAME = /^[a-z][a-z0-9_]*$/
const PRIMARY_OBJECTS = ['CONTACT', 'COMPANY', 'DEAL', 'TICKET']
const PROPERTY_TYPES = ['string', 'number', 'enumeration', 'datetime']

/** Properties of a page view or a click, as `includeDefaultProperties` adds them. */
const DEFAULT_PROPERTIES: readonly (readonly [name: string, type?: string])[] = [
  ['hs_asset_description'],
  ['hs_asset_type'],
  ['hs_browser'],
  ['hs_campaign_id'],
  ['hs_city'],
  ['hs_country'],
  ['hs_device_name'],
  ['hs_device_type'],
  ['hs_element_class'],
  ['hs_element_id'],
  ['hs_element_text'],
  ['hs_language'],
  ['hs_link_href'],
  ['hs_operating_system'],
  ['hs_operating_version'],
  ['hs_page_content_type'],
  ['hs_page_id'],
  ['hs_page_title'],
  ['hs_page_url'],
  ['hs_parent_module_id'],
  ['hs_referrer'],
  ['hs_region'],
  ['hs_screen_height', 'number'],
  ['hs_screen_width', 'number'],
  ['hs_touchpoint_source'],
  ['hs_tracking_name'],
  ['hs_user_agent'],
  ['hs_utm_campaign'],
  ['hs_utm_content'],
  ['hs_utm_medium'],
  ['hs_utm_source'],
  ['hs_utm_term'],
]

/** By internal or full name. */
export function findEvent({ events }: Portal, name: string): EventDefinition | undefined {
  const own = events.definitions.get(name)
  if (own !== undefined) return own
  return [...events.definitions.values()].find((each) => each.fullyQualifiedName === name)
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Makes a kind of event from the body its endpoint takes. */
export function defineEvent(
  portal: Portal,
  body: unknown,
  now: number,
): { readonly definition: EventDefinition } | { readonly refusal: Answer } {
  if (!isFields(body))
    return { refusal: refuseInvalid('Invalid input JSON: an object was expected.') }
  const label = String(body['label'] ?? '')
  const name = String(body['name'] ?? label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_'))
  const primaryObject = String(body['primaryObject'] ?? 'CONTACT')
  const refusal = refuseDefinition(portal, label, name, primaryObject)
  if (refusal !== undefined) return { refusal }
  const given = Array.isArray(body['propertyDefinitions']) ? body['propertyDefinitions'] : []
  const defaults =
    body['includeDefaultProperties'] === true
      ? DEFAULT_PROPERTIES.map(([own, type = 'string']) => ({ name: own, label: own, type }))
      : []
  const properties = new Map<string, StoredProperty>()
  for (const each of [...defaults, ...given]) {
    const made = propertyFrom(portal, each, properties, now, !given.includes(each))
    if ('refusal' in made) return made
    properties.set(made.property.definition.name, made.property)
  }
  const number = portal.events.definitions.size + 1
  const definition: EventDefinition = {
    id: String(number),
    name,
    fullyQualifiedName: `pe${portal.portalId}_${name}`,
    label,
    description: String(body['description'] ?? ''),
    primaryObject,
    primaryObjectId: portal.typeByName.get(primaryObject.toLowerCase())?.objectTypeId ?? '',
    objectTypeId: `6-${1_000_000 + number}`,
    trackingType: String(body['trackingType'] ?? 'MANUAL'),
    properties,
    createdAt: now,
  }
  portal.events.definitions.set(name, definition)
  return { definition }
}

function refuseDefinition(
  portal: Portal,
  label: string,
  name: string,
  primaryObject: string,
): Answer | undefined {
  if (label === '') return refuseInvalid('Some required fields were not set: [label]')
  if (!NAME.test(name) || name.length > MAX_NAME_LENGTH) {
    return refuseInvalid(
      `Event name "${name}" is invalid: it must begin with a letter, contain only lowercase letters, numbers and underscores, and have at most ${MAX_NAME_LENGTH} characters.`,
    )
  }
  if (!PRIMARY_OBJECTS.includes(primaryObject))
    return refuseInvalid(`primaryObject must be one of: [${PRIMARY_OBJECTS.join(', ')}]`)
  if (portal.events.definitions.has(name)) {
    return refuse(409, 'OBJECT_ALREADY_EXISTS', `An event named '${name}' already exists.`)
  }
  return portal.events.definitions.size < MAX_DEFINITIONS
    ? undefined
    : refuseInvalid(`An account can have at most ${MAX_DEFINITIONS} event definitions.`)
}

/** Adds a property to a kind of event. */
export function addEventProperty(
  portal: Portal,
  definition: EventDefinition,
  body: unknown,
  now: number,
): { readonly property: StoredProperty } | { readonly refusal: Answer } {
  const made = propertyFrom(portal, body, definition.properties, now, false)
  if ('property' in made) definition.properties.set(made.property.definition.name, made.property)
  return made
}

function propertyFrom(
  portal: Portal,
  body: unknown,
  others: ReadonlyMap<string, StoredProperty>,
  now: number,
  isDefault: boolean,
): { readonly property: StoredProperty } | { readonly refusal: Answer } {
  if (!isFields(body))
    return { refusal: refuseInvalid('Invalid input JSON: an object was expected.') }
  const label = String(body['label'] ?? '')
  const type = String(body['type'] ?? '')
  const name = String(body['name'] ?? label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_'))
  if (label === '' || type === '')
    return { refusal: refuseInvalid('Some required fields were not set: [label, type]') }
  if (!PROPERTY_TYPES.includes(type))
    return { refusal: refuseInvalid(`type must be one of: [${PROPERTY_TYPES.join(', ')}]`) }
  if (!NAME.test(name)) return { refusal: refuseInvalid(`Property name "${name}" is invalid.`) }
  if (others.has(name)) {
    return {
      refusal: refuse(409, 'OBJECT_ALREADY_EXISTS', `A property named '${name}' already exists.`),
    }
  }
  const definition: Property = {
    name,
    label,
    type,
    fieldType: { number: 'number', enumeration: 'select', datetime: 'date' }[type] ?? 'text',
    groupName: 'event_properties',
    description: String(body['description'] ?? ''),
    options: optionsFrom(body['options']),
    displayOrder: -1,
    hasUniqueValue: false,
    hidden: false,
    formField: false,
    calculated: false,
    externalOptions: false,
    hubspotDefined: isDefault,
    archived: false,
    createdAt: isoTime(now),
    updatedAt: isoTime(now),
    modificationMetadata: {
      archivable: !isDefault,
      readOnlyDefinition: isDefault,
      readOnlyValue: false,
    },
  }
  return { property: storedProperty(definition, portal.externalOptions('')) }
}

function optionsFrom(options: unknown): readonly PropertyOption[] {
  if (!Array.isArray(options)) return []
  return options.filter(isFields).map((option, place) => ({
    label: String(option['label'] ?? option['value'] ?? ''),
    value: String(option['value'] ?? ''),
    hidden: option['hidden'] === true,
    displayOrder: typeof option['displayOrder'] === 'number' ? option['displayOrder'] : place,
  }))
}
