/** A standard object type: how it is addressed and what a create must carry. */
export interface StandardObject {
  readonly name: string
  readonly objectTypeId: string
  /** Only what HubSpot refuses a create without; pipelines are needed only where there are several. */
  readonly requiredProperties: readonly string[]
  readonly requiredOneOf?: readonly string[]
}

const standard = (
  name: string,
  objectTypeId: string,
  ...requiredProperties: readonly string[]
): StandardObject => ({
  name,
  objectTypeId,
  requiredProperties,
})

/** "Understanding the CRM" and "Using object APIs" guides on developers.hubspot.com, checked 2026-11-23. */
export const STANDARD_OBJECTS: readonly StandardObject[] = [
  standard('contacts', '0-1'),
  { ...standard('companies', '0-2'), requiredOneOf: ['domain', 'name'] },
  standard('deals', '0-3', 'dealname', 'dealstage'),
  standard('tickets', '0-5', 'subject', 'hs_pipeline_stage'),
  standard('products', '0-7'),
  standard('line_items', '0-8'),
  standard('quotes', '0-14', 'hs_title', 'hs_expiration_date'),
  standard('communications', '0-18', 'hs_timestamp', 'hs_communication_channel_type'),
  standard('feedback_submissions', '0-19'),
  standard('tasks', '0-27', 'hs_timestamp'),
  standard('notes', '0-46', 'hs_timestamp'),
  standard('meetings', '0-47', 'hs_timestamp'),
  standard('calls', '0-48', 'hs_timestamp'),
  standard('emails', '0-49', 'hs_timestamp'),
  standard('invoices', '0-53', 'hs_currency'),
  standard('subscriptions', '0-69', 'hs_name'),
  standard('goal_targets', '0-74'),
  standard('discounts', '0-84'),
  standard('fees', '0-85'),
  standard('taxes', '0-86'),
  standard('payments', '0-101', 'hs_initial_amount', 'hs_initiated_date'),
  standard('users', '0-115', 'hs_internal_user_id', 'hs_email'),
  standard('postal_mail', '0-116'),
  standard('orders', '0-123', 'hs_order_name'),
  standard('leads', '0-136'),
  standard('carts', '0-142'),
  standard('services', '0-162', 'hs_name', 'hs_pipeline', 'hs_pipeline_stage'),
  standard('courses', '0-410', 'hs_course_name'),
  standard('listings', '0-420', 'hs_name'),
  standard('appointments', '0-421', 'hs_appointment_name'),
  standard('projects', '0-970', 'hs_name', 'hs_pipeline', 'hs_pipeline_stage'),
]

/** By plural name or object type id, in the exact spelling. */
export function standardObject(objectType: string): StandardObject | undefined {
  return STANDARD_OBJECTS.find(
    (each) => each.name === objectType || each.objectTypeId === objectType,
  )
}

/**
 * The standard object that is meant by a singular, a label or another spelling (`Company`, `line item`, `LineItems`);
 * undefined when none is.
 */
export function likelyObject(objectType: string): StandardObject | undefined {
  const key = squeezed(objectType)
  return STANDARD_OBJECTS.find(
    ({ name }) => key === squeezed(name) || key === singular(squeezed(name)),
  )
}

/** Letters and digits alone: `Line items` and `line_items` are one. */
const squeezed = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

const singular = (plural: string): string =>
  plural.endsWith('ies') ? `${plural.slice(0, -3)}y` : plural.replace(/xes$/, 'x').replace(/s$/, '')

/** HubSpot adds standard objects: one that is not listed goes by its id. */
export const isStandardId = (objectType: string): boolean => /^0-\d{1,5}$/.test(objectType)

export function isContacts(objectType: string): boolean {
  return objectType === 'contacts' || objectType === '0-1'
}
