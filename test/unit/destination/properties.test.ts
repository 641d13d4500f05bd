import { describe, expect, it } from 'vitest'
import { readProperty } from '../../../src/destination/hubspot/properties.ts'
import { STANDARD_OBJECTS, standardObject } from '../../../src/object-types.ts'

const text = { name: 'x', label: 'X', type: 'string', fieldType: 'text', options: [] }

describe('a property', () => {
  it('is writable and not unique when HubSpot says nothing', () => {
    expect(readProperty(text, false)).toEqual({
      name: 'x',
      label: 'X',
      type: 'string',
      fieldType: 'text',
      options: [],
      hasExternalOptions: false,
      isUnique: false,
      isReadOnly: false,
      isCalculated: false,
      isArchived: false,
      isHidden: false,
    })
  })

  it.each([
    ['its metadata say so', { modificationMetadata: { readOnlyValue: true } }],
    ['it is a formula', { fieldType: 'calculation_equation' }],
    ['its type is HubSpot-internal', { type: 'object_coordinates' }],
  ])('is read-only when %s', (_why, extra) => {
    expect(readProperty({ ...text, ...extra }, false)?.isReadOnly).toBe(true)
  })

  it('is not read-only for being called calculated', () => {
    const property = readProperty({ ...text, calculated: true }, false)
    expect(property).toMatchObject({ isReadOnly: false, isCalculated: false })
  })

  it('is unique when it is the e-mail of contacts', () => {
    const email = { ...text, name: 'email' }
    expect(readProperty(email, true)?.isUnique).toBe(true)
    expect(readProperty(email, false)?.isUnique).toBe(false)
    expect(readProperty({ ...text, hasUniqueValue: true }, false)?.isUnique).toBe(true)
  })

  it('has options with internal values and labels', () => {
    const options = [
      { value: 'a', label: 'A', hidden: true },
      { label: 'no value' },
      { value: 'b' },
    ]
    expect(readProperty({ ...text, options }, false)?.options).toEqual([
      { value: 'a', label: 'A', isHidden: true },
      { value: 'b', label: 'b', isHidden: false },
    ])
  })

  it('without a name is none', () => {
    expect(readProperty({}, false)).toBeUndefined()
  })
})

describe('standard object types', () => {
  it('are known by name and by id', () => {
    expect(standardObject('contacts')).toBe(standardObject('0-1'))
    expect(standardObject('p123_thing')).toBeUndefined()
  })

  it('have names and ids of their own', () => {
    const all = STANDARD_OBJECTS.flatMap((each) => [each.name, each.objectTypeId])
    expect(new Set(all).size).toBe(all.length)
  })
})
