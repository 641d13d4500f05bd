import type { Sandbox } from '../../src/sandbox/sandbox.ts'

export type Node = Readonly<Record<string, unknown>>

/** What stands in dbt's YAML about the table `people` (and an exposure over it), all keys of the reference among them. */
export interface Definition {
  /** `meta` of the model. */
  readonly meta: Node
  /** `meta.hubspot` of columns, by column. */
  readonly columns?: Node
  /** `meta` of an exposure that depends on the model. */
  readonly exposure?: Node
}

/** The table that all definitions are about, on DuckDB: a column of each type. */
export const peopleTable = `create table people (
  customer_id integer, email varchar, first_name varchar, last_name varchar, signed_up_at timestamp,
  last_login timestamp with time zone, birth_day date, is_test boolean, score double, amount decimal(18, 2),
  colours varchar[], payload json, account_id bigint, company_domain varchar, deal_ids varchar, status_label varchar,
  owner_email varchar, role varchar, badge varchar, hubspot_id bigint, epoch bigint, "Naïve ""col""" varchar)`

/** A `where:` that DuckDB need not be asked about. */
export const goodFilter = 'is_test = false'

const contacts = {
  sync: 'contacts',
  object: 'contacts',
  mode: 'upsert',
  primary_key: 'customer_id',
  match: { email: 'email' },
  where: goodFilter,
  timezone: 'Europe/Berlin',
  nulls: 'clear',
  on_invalid: 'reject_row',
  max_attempts: 5,
  max_rejected: 20,
  gate: { check: 'build', upstream: 'all' },
  previous_name: 'customers',
  enabled: true,
  shared: true,
  on_delete: 'delete',
  delete_adopted: true,
  tracking_property: 'row_key',
  guards: { max_deletes: '10%', min_rows: 1, max_changes: 50000 },
  properties: {
    firstname: 'first_name',
    signup_date: { column: 'signed_up_at', as: 'date', timezone: 'America/New_York' },
    lifecyclestage: { value: 'customer', write: 'create_only' },
    hs_lead_status: { column: 'status_label', as: 'option_label', on_invalid: 'drop_property' },
    hubspot_owner_id: { column: 'owner_email', as: 'owner_email' },
    nickname: { column: 'first_name', nulls: 'keep' },
    colours: { column: 'colours', as: 'multi', nulls: 'clear_always' },
    points: { column: 'score', write: 'if_empty' },
    badge: 'badge',
    greeting: { template: "Hi ${ row.first_name | capitalize } <% if row['score'] %>!<% endif %>" },
  },
}

const created = {
  object: '0-1',
  mode: 'insert',
  primary_key: ['customer_id', 'account_id'],
  start: { column: 'signed_up_at', from: '2026-01-01T08:00:00Z' },
  properties: {
    email: 'email',
    tier_2: {
      column: 'status_label',
      create_missing: true,
      type: 'enumeration',
      options: ['gold', { value: 'silver', label: 'Silver plan' }],
    },
    loyalty_no: { column: 'badge', create_missing: true, type: 'string', unique: true },
    seen_at: { column: 'epoch', as: 'epoch_ms', create_missing: true, shared: true },
  },
}

const companies = {
  sync: 'companies',
  object: 'companies',
  mode: 'update',
  primary_key: 'account_id',
  match: { domain: 'company_domain' },
  on_delete: 'clear',
  properties: { name: 'first_name', numberofemployees: { column: 'score', as: 'number' } },
}

const linked = {
  sync: 'linked',
  object: 'contacts',
  mode: 'update',
  primary_key: 'customer_id',
  match: { id: 'hubspot_id' },
  properties: { lastname: 'last_name', lifecyclestage: { column: 'role', allow_backwards: true } },
  associations: [
    { to: 'companies', sync: 'companies', key: 'account_id', label: 'role', on_removed: 'remove' },
    { to: 'companies', match: { domain: 'company_domain' }, type: 279 },
    { to: 'deals', id: 'deal_ids', split: ',', on_removed: 'keep', type: 4 },
  ],
}

const event = {
  sync: 'visits',
  type: 'event',
  event: { column: 'role' },
  mode: 'insert',
  primary_key: 'customer_id',
  occurred_at: 'signed_up_at',
  contact: { email: 'email' },
  properties: { quantity: 'score', plan: { value: 'gold' } },
  start: 'now',
  on_missing_contact: 'create',
  enabled: false,
}

const list = {
  sync: 'trial_users',
  type: 'list',
  list: { id: 42 },
  object: 'contacts',
  mode: 'mirror',
  primary_key: 'customer_id',
  contact: { sync: 'contacts', key: 'customer_id' },
  adopt: true,
  exact: false,
  enabled: false,
}

const { contact: _, ...listOnly } = list

const machines = {
  sync: 'machines',
  object: 'machine',
  mode: 'insert',
  primary_key: 'badge',
  start: 'now',
  tracking_property: 'machine_key',
  properties: { serial: 'badge', bought_on: { column: 'birth_day', as: 'date' } },
}

export const definitions: readonly Definition[] = [
  { meta: { owner: 'crm', hubspot: contacts } },
  { meta: { hubspot: created } },
  { meta: { hubspot: companies } },
  { meta: { hubspot: [contacts, companies, linked, event, list] } },
  {
    meta: {
      hubspot: [
        machines,
        { ...event, event: 'visited', enabled: true },
        { ...list, list: 'Trial users' },
      ],
    },
  },
  {
    meta: {
      hubspot: [
        { ...list, enabled: true, contact: { email: 'email' } },
        {
          ...listOnly,
          sync: 'firms',
          list: 'Firms',
          object: 'companies',
          mode: 'add',
          record: { object: 'companies', id: 'hubspot_id' },
          enabled: true,
        },
      ],
    },
  },
  {
    meta: {
      hubspot_defaults: {
        primary_key: 'customer_id',
        guards: { min_rows: 10 },
        shared: true,
        nulls: 'keep',
      },
      hubspot: {
        sync: 'people',
        object: 'contacts',
        match: { email: 'email' },
        guards: { max_deletes: 100 },
      },
    },
    columns: {
      first_name: { property: 'firstname' },
      last_name: [
        { property: 'lastname', write: 'if_empty', sync: 'people' },
        { property: 'nickname', as: 'text', nulls: 'keep', on_invalid: 'drop_property' },
      ],
      birth_day: {
        property: 'born_on',
        as: 'date',
        timezone: 'UTC',
        create_missing: true,
        type: 'date',
        shared: true,
        sync: 'people',
      },
    },
  },
  {
    meta: { hubspot_defaults: { object: 'contacts', primary_key: 'customer_id' } },
    exposure: {
      hubspot_defaults: { max_rejected: 3 },
      hubspot: {
        sync: 'leads',
        match: { badge: 'badge' },
        properties: { city: 'Naïve "col"', points: { value: 1.5 }, nickname: { value: true } },
      },
    },
  },
]

/** What the portal has beside HubSpot's own properties. */
export function definePortal(sandbox: Sandbox): void {
  const text = { type: 'string', fieldType: 'text' }
  const unique = { ...text, hasUniqueValue: true }
  const options = ['red', 'blue'].map((value, displayOrder) => ({
    value,
    label: value,
    displayOrder,
    hidden: false,
  }))
  const definitions: Readonly<Record<string, Node>> = {
    signup_date: { type: 'date', fieldType: 'date' },
    nickname: text,
    greeting: text,
    points: { type: 'number', fieldType: 'number' },
    badge: unique,
    row_key: unique,
    colours: { type: 'enumeration', fieldType: 'checkbox', options },
  }
  for (const [name, definition] of Object.entries(definitions)) {
    sandbox.createProperty('contacts', { name, ...definition })
  }
  sandbox.defineEvents([
    {
      name: 'visited',
      includeDefaultProperties: false,
      propertyDefinitions: [
        { name: 'quantity', label: 'Quantity', type: 'number' },
        { name: 'plan', label: 'Plan', type: 'string' },
      ],
    },
  ])
  for (let id = 1; id <= 42; id += 1) sandbox.addList(`List ${id}`, 'contacts')
  sandbox.createObjectType({
    name: 'machine',
    labels: { singular: 'Machine', plural: 'Machines' },
    primaryDisplayProperty: 'serial',
    requiredProperties: ['serial'],
    properties: [
      { name: 'serial', label: 'Serial', ...text },
      { name: 'bought_on', label: 'Bought on', type: 'date', fieldType: 'date' },
      { name: 'machine_key', label: 'Key', ...unique },
    ],
    associatedObjects: [],
  })
}
