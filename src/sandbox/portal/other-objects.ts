import {
  bool,
  type Definition,
  date,
  datetime,
  external,
  longText,
  number,
  richText,
  select,
  text,
} from './definitions.ts'
import type { StandardObject } from './standard-object.ts'

const RECURRING = ['annually', 'monthly', 'quarterly', 'per_six_months', 'weekly'] as const
const CURRENCIES = ['USD', 'EUR', 'GBP', 'CHF', 'JPY'] as const

const SALES_LINE: readonly Definition[] = [
  text('name', 'Name'),
  longText('description', 'Description'),
  number('price', 'Unit price'),
  text('hs_sku', 'SKU'),
  text('hs_url', 'URL'),
  number('hs_cost_of_goods_sold', 'Unit cost'),
  number('tax', 'Tax'),
  select('recurringbillingfrequency', 'Billing frequency', RECURRING),
  text('hs_recurring_billing_period', 'Term'),
]

const ACTIVITY: readonly Definition[] = [
  datetime('hs_timestamp', 'Activity date'),
  text('hs_attachment_ids', 'Attached file IDs'),
]

/** Standard object types beside the four main ones, with their documented required properties. */
export const OTHER_OBJECTS: readonly StandardObject[] = [
  standard(
    '0-7',
    'products',
    'product',
    [['name']],
    [
      ...SALES_LINE,
      number('hs_folder', 'Folder'),
      select('hs_product_type', 'Product Type', ['inventory', 'non-inventory', 'service']),
      text('hs_images', 'Image URL'),
    ],
  ),
  standard(
    '0-8',
    'line_items',
    'line_item',
    [],
    [
      ...SALES_LINE,
      number('quantity', 'Quantity'),
      number('amount', 'Net price'),
      number('discount', 'Unit discount'),
      number('hs_discount_percentage', 'Discount Percentage'),
      number('hs_product_id', 'Product ID'),
      select('hs_line_item_currency_code', 'Currency', CURRENCIES),
      date('hs_recurring_billing_start_date', 'Billing start date'),
    ],
  ),
  standard(
    '0-14',
    'quotes',
    'quote',
    [['hs_title'], ['hs_expiration_date']],
    [
      text('hs_title', 'Quote name'),
      date('hs_expiration_date', 'Expiration date'),
      select('hs_status', 'Quote status', [
        'DRAFT',
        'APPROVAL_NOT_NEEDED',
        'PENDING_APPROVAL',
        'APPROVED',
        'REJECTED',
      ]),
      select('hs_currency', 'Currency', CURRENCIES),
    ],
  ),
  standard(
    '0-27',
    'tasks',
    'task',
    [['hs_timestamp']],
    [
      ...ACTIVITY,
      text('hs_task_subject', 'Task Title'),
      richText('hs_task_body', 'Notes'),
      select('hs_task_status', 'Task Status', [
        'NOT_STARTED',
        'IN_PROGRESS',
        'WAITING',
        'COMPLETED',
        'DEFERRED',
      ]),
      select('hs_task_priority', 'Priority', ['NONE', 'LOW', 'MEDIUM', 'HIGH']),
      select('hs_task_type', 'Task Type', ['CALL', 'EMAIL', 'TODO']),
    ],
  ),
  standard(
    '0-46',
    'notes',
    'note',
    [['hs_timestamp']],
    [...ACTIVITY, richText('hs_note_body', 'Note body')],
  ),
  standard(
    '0-47',
    'meetings',
    'meeting',
    [['hs_timestamp']],
    [
      ...ACTIVITY,
      text('hs_meeting_title', 'Meeting name'),
      richText('hs_meeting_body', 'Meeting description'),
      datetime('hs_meeting_start_time', 'Meeting start time'),
      datetime('hs_meeting_end_time', 'Meeting end time'),
      select('hs_meeting_outcome', 'Meeting outcome', [
        'SCHEDULED',
        'COMPLETED',
        'RESCHEDULED',
        'NO_SHOW',
        'CANCELED',
      ]),
    ],
  ),
  standard(
    '0-48',
    'calls',
    'call',
    [['hs_timestamp']],
    [
      ...ACTIVITY,
      text('hs_call_title', 'Call Title'),
      richText('hs_call_body', 'Call notes'),
      number('hs_call_duration', 'Call duration'),
      select('hs_call_direction', 'Call direction', ['INBOUND', 'OUTBOUND']),
    ],
  ),
  standard(
    '0-49',
    'emails',
    'email',
    [['hs_timestamp']],
    [
      ...ACTIVITY,
      text('hs_email_subject', 'Email subject'),
      richText('hs_email_html', 'Email body'),
      select('hs_email_direction', 'Email direction', [
        'EMAIL',
        'INCOMING_EMAIL',
        'FORWARDED_EMAIL',
      ]),
    ],
  ),
  standard(
    '0-18',
    'communications',
    'communication',
    [['hs_timestamp'], ['hs_communication_channel_type']],
    [
      ...ACTIVITY,
      select('hs_communication_channel_type', 'Channel type', [
        'WHATS_APP',
        'LINKEDIN_MESSAGE',
        'SMS',
      ]),
      richText('hs_communication_body', 'Communication body'),
    ],
  ),
  standard(
    '0-53',
    'invoices',
    'invoice',
    [['hs_currency']],
    [
      select('hs_currency', 'Currency', CURRENCIES),
      date('hs_due_date', 'Due date'),
      number('hs_amount_billed', 'Amount billed'),
    ],
  ),
  standard(
    '0-69',
    'subscriptions',
    'subscription',
    [['hs_name']],
    [text('hs_name', 'Name'), number('hs_mrr', 'Monthly recurring revenue')],
  ),
  standard(
    '0-101',
    'payments',
    'payment',
    [['hs_initial_amount'], ['hs_initiated_date']],
    [number('hs_initial_amount', 'Gross amount'), datetime('hs_initiated_date', 'Payment date')],
  ),
  standard(
    '0-123',
    'orders',
    'order',
    [['hs_order_name']],
    [
      text('hs_order_name', 'Name'),
      select('hs_currency_code', 'Currency', CURRENCIES),
      number('hs_total_price', 'Total price'),
      text('hs_external_order_id', 'Source store order ID'),
    ],
  ),
  standard(
    '0-136',
    'leads',
    'lead',
    [['hs_lead_name']],
    [
      text('hs_lead_name', 'Lead Name'),
      select('hs_lead_type', 'Lead Type', ['NEW_BUSINESS', 'RE_ENGAGEMENT', 'UPSELL']),
      select('hs_lead_label', 'Lead Label', ['COLD', 'WARM', 'HOT']),
    ],
  ),
  standard(
    '0-142',
    'carts',
    'cart',
    [],
    [
      text('hs_cart_name', 'Name'),
      number('hs_total_price', 'Total price'),
      text('hs_external_cart_id', 'Source store cart ID'),
    ],
  ),
  standard(
    '0-162',
    'services',
    'service',
    [['hs_name'], ['hs_pipeline'], ['hs_pipeline_stage']],
    [
      text('hs_name', 'Name'),
      external('hs_pipeline', 'Pipeline'),
      external('hs_pipeline_stage', 'Service status'),
      bool('hs_is_billable', 'Is billable'),
    ],
  ),
]

function standard(
  objectTypeId: string,
  name: string,
  singular: string,
  requiredToCreate: readonly (readonly string[])[],
  properties: readonly Definition[],
): StandardObject {
  return {
    objectTypeId,
    name,
    singular,
    requiredToCreate,
    properties,
    createdProperty: 'hs_createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: [],
    primaryDisplayProperty: properties[0]?.name ?? 'hs_object_id',
  }
}
