import type { Property, PropertyOption } from '../store/property.ts'

/** A default property before its group and place in the list are known. */
export type Definition = Partial<Property> & Pick<Property, 'name' | 'label' | 'type' | 'fieldType'>

type Extra = Partial<Property>

/** A single-line text property. */
export const text = (name: string, label: string, extra: Extra = {}): Definition => ({
  name,
  label,
  type: 'string',
  fieldType: 'text',
  ...extra,
})

/** A multi-line text property. */
export const longText = (name: string, label: string): Definition => ({
  name,
  label,
  type: 'string',
  fieldType: 'textarea',
})

/** A rich-text property. */
export const richText = (name: string, label: string): Definition => ({
  name,
  label,
  type: 'string',
  fieldType: 'html',
})

/** A phone number, which HubSpot's default objects keep as text. */
export const phone = (name: string, label: string): Definition => ({
  name,
  label,
  type: 'string',
  fieldType: 'phonenumber',
})

/** A number. */
export const number = (name: string, label: string): Definition => ({
  name,
  label,
  type: 'number',
  fieldType: 'number',
})

/** A day. */
export const date = (name: string, label: string): Definition => ({
  name,
  label,
  type: 'date',
  fieldType: 'date',
})

/** A point in time. */
export const datetime = (name: string, label: string): Definition => ({
  name,
  label,
  type: 'datetime',
  fieldType: 'date',
})

/** A yes-or-no property. */
export const bool = (name: string, label: string): Definition => ({
  name,
  label,
  type: 'bool',
  fieldType: 'booleancheckbox',
  options: options([
    ['true', 'Yes'],
    ['false', 'No'],
  ]),
})

/** A drop-down with its own options, written `[value, label]` or just the value. */
export const select = (
  name: string,
  label: string,
  values: Choices,
  extra: Extra = {},
): Definition => ({
  name,
  label,
  type: 'enumeration',
  fieldType: 'select',
  options: options(values),
  ...extra,
})

/** A multi-select. */
export const checkboxes = (name: string, label: string, values: Choices): Definition => ({
  ...select(name, label, values),
  fieldType: 'checkbox',
})

/** A drop-down whose options live elsewhere: owners, pipelines, stages. */
export const external = (name: string, label: string, extra: Extra = {}): Definition => ({
  name,
  label,
  type: 'enumeration',
  fieldType: 'select',
  externalOptions: true,
  ...extra,
})

/** Marks a property as written by HubSpot alone. */
export const readOnly = (definition: Definition): Definition => ({
  ...definition,
  modificationMetadata: { ...MODIFIABLE, readOnlyValue: true },
})

/** A rollup or formula. `calculated` is not a reliable sign of it, so only some carry it (observed). */
export const calculated = (name: string, label: string, type = 'number'): Definition => ({
  ...readOnly({ name, label, type, fieldType: 'calculation_equation' }),
  calculated: true,
})

/** Values of an enumeration, as `value` or `[value, label]`. */
export type Choices = readonly (string | readonly [string, string])[]

/** Fills in what a default property leaves out. */
export function complete(
  definition: Definition,
  groupName: string,
  displayOrder: number,
): Property {
  return {
    description: '',
    options: [],
    hasUniqueValue: false,
    hidden: false,
    formField: false,
    calculated: false,
    externalOptions: false,
    hubspotDefined: true,
    archived: false,
    groupName,
    displayOrder,
    modificationMetadata: MODIFIABLE,
    ...definition,
  }
}

/** Default properties cannot be archived or redefined, but their values can be written. */
const MODIFIABLE = {
  archivable: false,
  readOnlyDefinition: true,
  readOnlyOptions: false,
  readOnlyValue: false,
} as const

function options(values: Choices): readonly PropertyOption[] {
  return values.map((choice, displayOrder) => {
    const [value, label] = typeof choice === 'string' ? [choice, choice] : choice
    return { label, value, displayOrder, hidden: false }
  })
}
