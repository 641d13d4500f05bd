import { describe, expect, test } from 'vitest'
import { converse } from './conversation.ts'

const CONTACTS = '/crm/v3/objects/contacts'

/** Writes one value into a new contact and answers what is stored, or the refusal's code. */
function written(property: Record<string, unknown> & { name: string }, value: unknown): unknown {
  const sandbox = converse()
  if (property['type']) sandbox.createProperty('contacts', property)
  const { status, body } = sandbox.send('POST', CONTACTS, {
    properties: { [property.name]: value },
    associations: [],
  })
  return status === 201 ? body.properties[property.name] : body.errors[0].code
}

const number = { name: 'n', type: 'number', fieldType: 'number' }
const flag = { name: 'f', type: 'bool', fieldType: 'booleancheckbox' }
const day = { name: 'd', type: 'date', fieldType: 'date' }
const moment = { name: 'm', type: 'datetime', fieldType: 'date' }

describe('values', () => {
  test.each([
    [number, '007', '7'],
    [number, '1.50', '1.5'],
    [number, '-0.0', '0'],
    [number, '.5', '0.5'],
    [number, 12, '12'],
    [number, '1,000', 'INVALID_INTEGER'],
    [number, '1e3', 'INVALID_INTEGER'],
    [number, '12345678901234567890', '12345678901234567890'],
    [flag, 'true', 'true'],
    [flag, false, 'false'],
    [flag, 'yes', 'INVALID_OPTION'],
    [day, '2026-02-28', '2026-02-28'],
    [day, '1772236800000', '2026-02-28'],
    [day, '1772236800001', 'INVALID_DATE'],
    [day, '2026-02-30', 'INVALID_LONG'],
    [day, '28.02.2026', 'INVALID_LONG'],
    [moment, '2026-02-28T10:00:00Z', '2026-02-28T10:00:00.000Z'],
    [moment, '1772236800001', '2026-02-28T00:00:00.001Z'],
    [moment, '2026-02-28T10:00:00', 'INVALID_LONG'],
    [moment, '2026-02-28 10:00', 'INVALID_LONG'],
    [{ name: 'email' }, 'A@Example.COM', 'a@example.com'],
    [{ name: 'email' }, 'nobody', 'INVALID_EMAIL'],
    [{ name: 'firstname' }, '  Ada ', 'Ada'],
    [{ name: 'firstname' }, 'x'.repeat(65_537), 'TOO_LONG'],
    [{ name: 'hs_lead_status' }, 'NEW', 'NEW'],
    [{ name: 'hs_lead_status' }, 'new', 'INVALID_OPTION'],
    [{ name: 'hs_buying_role' }, 'CHAMPION;END_USER', 'CHAMPION;END_USER'],
    [{ name: 'hs_buying_role' }, 'CHAMPION; END_USER', 'INVALID_OPTION'],
    [{ name: 'hubspot_owner_id' }, '41629779', '41629779'],
    [{ name: 'hubspot_owner_id' }, 'ada.marlow@backhaul.example', 'INVALID_OPTION'],
    [{ name: 'num_notes' }, '5', 'READ_ONLY_VALUE'],
    [{ name: 'hs_object_id' }, '5', 'READ_ONLY_VALUE'],
    [{ name: 'constructor' }, '5', 'PROPERTY_DOESNT_EXIST'],
    [{ name: 'firstname' }, null, undefined],
  ])('%j given %j', (property, value, expected) => {
    expect(written(property, value)).toBe(expected)
  })

  test('a leading semicolon adds to a multi-select', () => {
    const sandbox = converse()
    const [id = ''] = sandbox.seedRecords('contacts', [{ hs_buying_role: 'CHAMPION' }])
    const properties = { hs_buying_role: ';END_USER;CHAMPION' }
    sandbox.send('PATCH', `${CONTACTS}/${id}`, { properties })
    expect(sandbox.record('contacts', id)?.properties['hs_buying_role']).toBe('CHAMPION;END_USER')
  })

  test('the lifecycle stage goes back only when it was cleared', () => {
    const sandbox = converse()
    const [id = ''] = sandbox.seedRecords('contacts', [{ lifecyclestage: 'customer' }])
    const stageAfter = (lifecyclestage: string) => {
      sandbox.send('PATCH', `${CONTACTS}/${id}`, { properties: { lifecyclestage } })
      return sandbox.record('contacts', id)?.properties['lifecyclestage']
    }
    expect(stageAfter('lead')).toBe('customer')
    expect(stageAfter('evangelist')).toBe('evangelist')
    expect(stageAfter('')).toBeUndefined()
    expect(stageAfter('lead')).toBe('lead')
  })

  test('a refused option names those allowed', () => {
    const { body } = converse().send('POST', CONTACTS, { properties: { lifecyclestage: 'Lead' } })
    expect(body.errors[0].message).toMatch(
      /^Lead was not one of the allowed options: \[subscriber, lead, /,
    )
  })
})
