import { standardObject } from '../object-types.ts'
import type { ListSource, Mode, OnDelete, RecordTarget, Sync } from '../types.ts'

/** `HubSpot contacts`; with the sync's name where that is another. */
export function labelOf(sync: Sync): string {
  const what = thingOf(sync)
  const isSaid = squeezed(what).includes(squeezed(sync.name))
  return isSaid ? `HubSpot ${what}` : `HubSpot ${what} (${sync.name})`
}

function thingOf(sync: Sync): string {
  if (sync.type === 'event') return `event ${eventName(sync) ?? ''}`.trim()
  return sync.list === undefined ? objectWords(sync) : `list ${listName(sync.list)}`
}

/** What is sent where and how, in Markdown, for readers of dbt's documentation. */
export function descriptionOf(sync: Sync): string {
  return [
    `${rowsOf(sync)} ${whatBecomes(sync)}, by the Backhaul sync \`${sync.name}\`.`,
    '',
    ...facts(sync).map(([key, value]) => `- ${key}: ${value}`),
  ].join('\n')
}

function rowsOf({ model, where }: Sync): string {
  const rows = model.resourceType === 'snapshot' ? 'Current rows' : 'Rows'
  const filter = where === undefined ? '' : ' for which its filter (`where`) holds'
  return `${rows} of \`${model.name}\`${filter}`
}

function whatBecomes(sync: Sync): string {
  const { type, list, mode } = sync
  if (list !== undefined) {
    return mode === 'remove'
      ? `are taken off the HubSpot list \`${listName(list)}\``
      : `go to HubSpot as members of the list \`${listName(list)}\``
  }
  if (type === 'object') return `go to HubSpot as ${objectWords(sync)}`
  const name = eventName(sync)
  return `go to HubSpot as events${name === undefined ? ', named by a column' : ` \`${name}\``}`
}

const modes: Readonly<Record<Mode, string>> = {
  upsert: 'makes records and updates them',
  update: 'updates records, makes none',
  insert: 'makes records for new rows, updates none',
  mirror: 'adds rows, and removes rows that left',
  add: 'adds rows, removes none',
  remove: 'takes rows off the list',
}

const leaving: Readonly<Record<OnDelete, string | undefined>> = {
  nothing: undefined,
  clear: 'what the sync sent is cleared',
  delete: 'records are archived',
}

type Fact = readonly [key: string, value: string | number]

function facts(sync: Sync): readonly Fact[] {
  const { type, match, mappings, mode, onDelete } = sync
  const about = aboutOf(sync)
  const linked = [...new Set(sync.associations.map(({ to }) => `\`${to}\``))].join(', ')
  const left = type === 'object' ? leaving[onDelete] : undefined
  const all: readonly (Fact | undefined)[] = [
    type === 'event' ? ['Sent', 'each row once'] : ['Mode', `${mode} (${modes[mode]})`],
    about && [type === 'event' ? 'About' : 'Members', aboutWords(about)],
    match && ['Matched by', `\`${match.property}\` (column \`${match.column}\`)`],
    type === 'list' ? undefined : ['Properties', mappings.length],
    linked === '' ? undefined : ['Linked to', linked],
    left === undefined ? undefined : ['Rows that leave', left],
  ]
  return all.filter((fact) => fact !== undefined)
}

const aboutOf = ({ event, list }: Sync): RecordTarget | undefined => event?.about ?? list?.about

function aboutWords(about: RecordTarget): string {
  switch (about.kind) {
    case 'sync':
      return `records of the sync \`${about.sync}\` (column \`${about.key.join('`, `')}\`)`
    case 'id':
      return `${about.object} by record id (column \`${about.column}\`)`
    default:
      return `contacts by ${about.kind === 'email' ? 'e-mail' : 'user token'} (column \`${about.column}\`)`
  }
}

const listName = ({ target }: ListSource): string =>
  target.kind === 'name' ? target.name : target.listId

/** Undefined where a column names the events. */
const eventName = ({ event }: Sync): string | undefined =>
  event?.name.kind === 'name' ? event.name.name : undefined

/** `line items`; of a custom object its name without the portal's prefix, or its id. */
function objectWords({ object }: Sync): string {
  const name = standardObject(object)?.name ?? object.replace(/^p\d+_/, '')
  return /^\d+-\d+$/.test(name) ? `object ${name}` : name.replaceAll('_', ' ')
}

const squeezed = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** Where HubSpot's app shows an account. */
export interface Portal {
  readonly portalId: string
  /** Host of the app, e.g. `app-eu1.hubspot.com`: it differs by region. */
  readonly uiDomain: string
}

/** Standard objects that have an index page under their type id: contacts, companies, deals, tickets, leads. */
const indexed: readonly string[] = ['0-1', '0-2', '0-3', '0-5', '0-136']

/** The index page of the records that the sync writes, or is about; where its address is not known, the account. */
export function urlOf(sync: Sync, { portalId, uiDomain }: Portal): string {
  const account = `https://${uiDomain}/contacts/${portalId}`
  const object = recordsOf(sync)
  const typeId = standardObject(object)?.objectTypeId ?? object
  const hasIndex = indexed.includes(typeId) || /^2-\d+$/.test(typeId)
  return hasIndex ? `${account}/objects/${typeId}/views/all/list` : account
}

function recordsOf({ event, object }: Sync): string {
  if (event === undefined) return object
  return event.about.kind === 'id' ? event.about.object : 'contacts'
}
