import { standardObject } from '../object-types.ts'
import type { Sync } from '../types.ts'

/** `HubSpot contacts`; with the sync's name where that is another. */
export function labelOf(sync: Sync): string {
  const what = sync.type === 'event' ? `event ${eventName(sync) ?? ''}`.trim() : objectWords(sync)
  const isSaid = squeezed(what).includes(squeezed(sync.name))
  return isSaid ? `HubSpot ${what}` : `HubSpot ${what} (${sync.name})`
}

/** What is sent where and how, in Markdown, for readers of dbt's documentation. */
export function descriptionOf(sync: Sync): string {
  return [
    `${rowsOf(sync)} go to HubSpot as ${targetWords(sync)}, by the Backhaul sync \`${sync.name}\`.`,
    '',
    ...facts(sync).map((fact) => `- ${fact}`),
  ].join('\n')
}

function rowsOf({ model, where }: Sync): string {
  const rows = model.resourceType === 'snapshot' ? 'Current rows' : 'Rows'
  const filter = where === undefined ? '' : ' for which its filter (`where`) holds'
  return `${rows} of \`${model.name}\`${filter}`
}

function targetWords(sync: Sync): string {
  if (sync.type !== 'event') return objectWords(sync)
  const name = eventName(sync)
  return name === undefined ? 'events, named by a column' : `events \`${name}\``
}

const modes: Readonly<Partial<Record<string, string>>> = {
  upsert: 'makes records and updates them',
  update: 'updates records, makes none',
  insert: 'makes records for new rows, updates none',
}

const leaving: Readonly<Partial<Record<string, string>>> = {
  clear: 'what the sync sent is cleared',
  delete: 'records are archived',
}

function facts(sync: Sync): readonly string[] {
  const { event, match, mappings, mode, onDelete } = sync
  const meaning = modes[mode]
  const left = leaving[onDelete]
  return [
    ...(event === undefined
      ? [`Mode: ${mode}${meaning === undefined ? '' : ` (${meaning})`}`]
      : ['Each row once', `About: ${aboutWords(event.about)}`]),
    ...(match === undefined
      ? []
      : [`Matched by: \`${match.property}\` (column \`${match.column}\`)`]),
    `Properties: ${mappings.length}`,
    ...(left === undefined ? [] : [`Rows that leave: ${left}`]),
  ]
}

function aboutWords(about: NonNullable<Sync['event']>['about']): string {
  switch (about.kind) {
    case 'sync':
      return `contacts of the sync \`${about.sync}\` (column \`${about.key.join('`, `')}\`)`
    case 'id':
      return `${about.object} by record id (column \`${about.column}\`)`
    default:
      return `contacts by ${about.kind === 'email' ? 'e-mail' : 'user token'} (column \`${about.column}\`)`
  }
}

/** Undefined where a column names the events. */
const eventName = ({ event }: Sync): string | undefined =>
  event?.name.kind === 'name' ? event.name.name : undefined

/** `line items`; of a custom object its name without the portal's prefix. */
const objectWords = ({ object }: Sync): string =>
  (standardObject(object)?.name ?? object.replace(/^p\d+_/, '')).replaceAll('_', ' ')

const squeezed = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** Where HubSpot's app shows an account. */
export interface Portal {
  readonly portalId: string
  /** Host of the app, e.g. `app-eu1.hubspot.com`: it differs by region. */
  readonly uiDomain: string
}

/** Standard objects that have an index page under their type id: contacts, companies, deals, tickets, leads. */
const indexed: readonly string[] = ['0-1', '0-2', '0-3', '0-5', '0-136']

/** The index page of the records that the sync writes or is about; where its address is not known, the account. */
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
