/** Words of HubSpot's addresses. What is none of them is an id, a name, or the token that an address asks about. */
const words: ReadonlySet<string> = new Set(
  `access-token-info access-tokens account-info add api-usage archive associate associations batch create crm
  crm-object-schemas daily default details event-definitions events get groups labels lists members memberships name
  oauth object-type-id objects owners pipelines private-apps properties property property-validations read remove
  schemas search send token update upsert`.split(/\s+/),
)

/** `/crm/v3/objects/{}/batch/read` of `/crm/v3/objects/contacts/batch/read`: few names, and nothing of anybody in them. */
export const routeOf = (path: string): string =>
  path
    .split('/')
    .map((part) => (part === '' || words.has(part) || /^v\d{1,2}$/.test(part) ? part : '{}'))
    .join('/')

/** The type of records that an address is about. */
export function objectOf(path: string): string | undefined {
  const [, type] = /^\/crm\/v\d+\/(?:objects|properties|pipelines)\/([\w-]+)/.exec(path) ?? []
  return type
}
