import { scrubMessage } from '../../destination/hubspot/scrub.ts'

/** Keys whose values are HubSpot's words, or counts, and say nothing of a person. */
const plainKeys = new Set([
  'associationCategory',
  'associationTypeId',
  'category',
  'correlationId',
  'createdAt',
  'completedAt',
  'startedAt',
  'updatedAt',
  'idProperty',
  'new',
  'archived',
  'numErrors',
  'objectTypeId',
  'operator',
  'propertyName',
  'objectWriteTraceId',
  'status',
  'subCategory',
])
/** Keys of record ids; an id in other words is a value of a property. */
const idKeys = new Set(['id', 'fromObjectId', 'toObjectId', 'objectId', 'recordId', 'vid'])
/** Below these, keys are names of properties. */
const valueKeys = new Set(['properties', 'propertiesWithHistory', 'context'])
const gone = '…'

/**
 * The shape of a body of an API call: keys, and what is HubSpot's own; property values are `…`, of a list the first entry stands for all.
 *
 * @param body JSON, or anything else, of which the length is told
 */
export function redactBody(body: string): string {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return `(${body.length} characters that are not JSON)`
  }
  return shapeOf(parsed, () => gone)
}

/** @param show what stands for `value` where it is no list or object */
function shapeOf(value: unknown, show: (scalar: unknown) => string): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const rest = value.length === 1 ? '' : `, ${value.length - 1} more`
    return `[${shapeOf(value[0], show)}${rest}]`
  }
  if (typeof value === 'object') {
    const shownBy = scalarsOf(value)
    const parts = Object.entries(value).map(
      ([key, inner]) =>
        `${JSON.stringify(key)}: ${valueKeys.has(key) ? values(inner) : shapeOf(inner, shownBy(key))}`,
    )
    return `{${parts.join(', ')}}`
  }
  return show(value)
}

/** A map of properties: names only, however deep. */
function values(map: unknown): string {
  if (Array.isArray(map)) return map.length === 0 ? '[]' : `[${gone}]`
  if (typeof map !== 'object' || map === null) return map === null ? 'null' : gone
  const parts = Object.entries(map).map(
    ([name, value]) => `${JSON.stringify(name)}: ${value === null ? 'null' : gone}`,
  )
  return `{${parts.join(', ')}}`
}

/** What stands for the scalars of an object, by key: its `id` is a value where the object says by which property it is meant. */
function scalarsOf(object: object): (key: string) => (scalar: unknown) => string {
  const byProperty = 'idProperty' in object && object.idProperty !== 'hs_object_id'
  return (key) => (scalar) => {
    if (key === 'message') return JSON.stringify(scrubMessage(String(scalar)))
    const isRecordId = idKeys.has(key) && !byProperty && /^\d{1,20}$/.test(String(scalar))
    return isRecordId || plainKeys.has(key) ? JSON.stringify(scalar) : gone
  }
}
