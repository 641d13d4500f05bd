import { describe, expect, test } from 'vitest'
import { freeName, guessKey, guessObject } from '../../../src/init/guesses.ts'
import { proposeMapping, proposeMatch } from '../../../src/init/propose-mapping.ts'
import { readMatch } from '../../../src/init/read-match.ts'
import type { ObjectSchema, PropertySchema } from '../../../src/types.ts'
import type { Column, TypeFamily } from '../../../src/warehouse/dialect.ts'

const property = (
  name: string,
  type = 'string',
  more: Partial<PropertySchema> = {},
): PropertySchema => ({
  name,
  label: name,
  type,
  fieldType: 'text',
  options: [],
  hasExternalOptions: false,
  isUnique: false,
  isReadOnly: false,
  isCalculated: false,
  isArchived: false,
  isHidden: false,
  ...more,
})

const schemaOf = (name: string, objectTypeId: string, properties: readonly PropertySchema[]) => ({
  name,
  objectTypeId,
  properties: new Map(properties.map((one) => [one.name, one])),
  requiredProperties: [],
})

const contacts: ObjectSchema = schemaOf('contacts', '0-1', [
  property('email', 'string', { label: 'Email' }),
  property('firstname', 'string', { label: 'First Name' }),
  property('lastname', 'string', { label: 'Last Name' }),
  property('jobtitle', 'string', { label: 'Job Title' }),
  property('phone', 'string', { label: 'Phone Number' }),
  property('company', 'string', { label: 'Company Name' }),
  property('seats', 'number'),
  property('is_vip', 'bool'),
  property('birthday_on', 'date', { label: 'Born on' }),
  property('last_login', 'datetime'),
  property('createdate', 'datetime', { isReadOnly: true }),
  property('score', 'number', { isCalculated: true, isReadOnly: true }),
  property('old', 'string', { isArchived: true }),
  property('secret_note', 'string', { isHidden: true, label: 'Note' }),
  property('interests', 'enumeration', { fieldType: 'checkbox' }),
  property('hubspot_owner_id', 'enumeration', { hasExternalOptions: true }),
  property('crm_ref', 'string', { isUnique: true }),
])

const column = (name: string, family: TypeFamily = 'text'): Column => ({
  name,
  type: family,
  family,
})

function propose(columns: readonly Column[], model = 'hubspot_people') {
  const { mappings, leftOut } = proposeMapping(columns, contacts, [model])
  return {
    mapped: Object.fromEntries(
      mappings.map(({ property: { name }, column: from, as }) => [
        from.name,
        as === undefined ? name : `${name} as ${as}`,
      ]),
    ),
    leftOut: Object.fromEntries(leftOut.map(({ column: from, why }) => [from.name, why])),
  }
}

test.each([
  ['the internal name', 'firstname', 'firstname'],
  ['the internal name in another case', 'FIRSTNAME', 'firstname'],
  ['underscores', 'first_name', 'firstname'],
  ['capitals', 'firstName', 'firstname'],
  ['spaces', 'First Name', 'firstname'],
  ['the label', 'phone_number', 'phone'],
  ['a synonym', 'given_name', 'firstname'],
  ['a synonym of an address', 'e_mail', 'email'],
  ['a prefix of the object', 'contact_email', 'email'],
  ['a prefix of the model', 'people_first_name', 'firstname'],
  ['a prefix of HubSpot', 'hs_jobtitle', 'jobtitle'],
  ['a prefix before a synonym', 'contact_surname', 'lastname'],
  ['an owner by address', 'owner_email', 'hubspot_owner_id as owner_email'],
  ['an owner by id', 'owner_id', 'hubspot_owner_id'],
])('a column is found by %s', (_, name, found) => {
  expect(propose([column(name)]).mapped).toEqual({ [name]: found })
})

test.each([
  ['name', 'text'],
  ['createdate', 'timestamptz'],
  ['score', 'integer'],
  ['old', 'text'],
  ['note', 'text'],
  ['seats', 'text'],
  ['is_vip', 'integer'],
  ['birthday_on', 'integer'],
  ['last_login', 'time'],
  ['firstname', 'binary'],
  ['interests', 'float'],
  ['{{ firstname }}', 'text'],
] as const)('%s of type %s is left out', (name, family) => {
  const { mapped, leftOut } = propose([column(name, family)])
  expect(mapped).toEqual({})
  expect(leftOut[name]).toMatchSnapshot()
})

test.each([
  ['birthday_on', 'date'],
  ['birthday_on', 'timestamptz'],
  ['last_login', 'date'],
  ['last_login', 'timestamp'],
  ['seats', 'decimal'],
  ['is_vip', 'boolean'],
  ['interests', 'array'],
  ['phone', 'integer'],
] as const)('%s takes a column of type %s', (name, family) => {
  expect(propose([column(name, family)]).mapped).toEqual({ [name]: name })
})

test('the better name wins, and each property goes once', () => {
  const columns = ['mail', 'email', 'contact_email', 'first_name', 'FIRSTNAME'].map((name) =>
    column(name),
  )
  expect(propose(columns)).toEqual({
    mapped: { email: 'email', FIRSTNAME: 'firstname' },
    leftOut: {
      mail: 'email goes to email',
      contact_email: 'email goes to email',
      first_name: 'FIRSTNAME goes to firstname',
    },
  })
})

test('records are found by a property with unique values, or the domain of a company', () => {
  const match = (schema: ObjectSchema, ...names: readonly string[]) =>
    proposeMatch(
      proposeMapping(
        names.map((name) => column(name)),
        schema,
        [],
      ),
      schema,
    )?.property.name
  const companies = schemaOf('companies', '0-2', [property('name'), property('domain')])
  expect(match(contacts, 'first_name', 'email_address')).toBe('email')
  expect(match(contacts, 'first_name', 'crm_ref')).toBe('crm_ref')
  expect(match(contacts, 'first_name')).toBeUndefined()
  expect(match(companies, 'name', 'website_domain')).toBe('domain')
  expect(match(companies, 'name')).toBeUndefined()
})

describe('the answer for match', () => {
  const columns = ['id', 'mail', 'email_address'].map((name) => column(name))
  const { mappings } = proposeMapping([column('email_address')], contacts, [])
  const read = (answer: string) => {
    const { property: name, column: from, by } = readMatch(answer, columns, contacts, mappings)
    return [name, from.name, by]
  }

  test.each([
    ['email', ['email', 'email_address', 'unique']],
    ['email_address', ['email', 'email_address', 'unique']],
    ['email: mail', ['email', 'mail', 'unique']],
    ['email=MAIL', ['email', 'mail', 'unique']],
    ['phone : mail', ['phone', 'mail', 'search']],
    ['id: id', ['hs_object_id', 'id', 'id']],
    ['hs_object_id=id', ['hs_object_id', 'id', 'id']],
  ])('%s', (answer, meant) => {
    expect(read(answer)).toEqual(meant)
  })

  test.each([
    ['mail', 'HubSpot has no contacts property mail'],
    ['email: nothing', 'The model has no column nothing'],
    [
      'last_login: mail',
      'no contacts record can be found by last_login, which is of type datetime',
    ],
    ['', 'The model has no column'],
  ])('%s is refused', (answer, message) => {
    expect(() => read(answer)).toThrow(message)
  })
})

test.each([
  ['hubspot_contacts', [], 'contacts'],
  ['dim_customers', [], 'contacts'],
  ['mart_account', [], 'companies'],
  ['fct_opportunities', [], 'deals'],
  ['support_tickets', [], 'tickets'],
  ['line_items', [], 'line_items'],
  ['xyz', ['id', 'EMAIL'], 'contacts'],
  ['xyz', ['domain'], 'companies'],
  ['xyz', ['a'], undefined],
])('the object of %s with %j is %s', (model, columns, object) => {
  expect(guessObject(model, columns)).toBe(object)
})

test.each([
  [['a', 'b'], 'people', ['id'], ['a', 'b']],
  [[], 'people', ['email', 'ID'], ['ID']],
  [[], 'people', ['person_id', 'account_id'], undefined],
  [[], 'hubspot_contacts', ['account_id', 'contact_id'], ['contact_id']],
  [[], 'xyz', ['email', 'row_key'], ['row_key']],
  [[], 'xyz', ['email'], undefined],
])('the key by dbt %j of %s with %j is %j', (primaryKey, name, columns, key) => {
  expect(guessKey({ name, primaryKey }, 'contacts', columns)).toEqual(key)
})

test.each([
  ['contacts', [], 'contacts'],
  ['contacts', ['Contacts'], 'people'],
  ['contacts', ['contacts', 'people'], 'people_contacts'],
  ['contacts', ['contacts', 'people', 'people_contacts'], 'people_contacts_2'],
  ['p123_my-cars', [], 'p123_my_cars'],
  ['2-345', [], 'people'],
])('the sync of %s beside %j is %s', (object, taken, name) => {
  expect(freeName(object, 'people', new Set(taken))).toBe(name)
})
