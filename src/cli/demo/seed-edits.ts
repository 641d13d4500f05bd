import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One cell of a seed. The first column is the key. */
interface CellEdit {
  readonly seed: string
  readonly key: string
  readonly column: string
  readonly to: string
}

const cellEdits: readonly CellEdit[] = [
  { seed: 'raw_customers', key: '1', column: 'job_title', to: 'Chief Operating Officer' },
  {
    seed: 'raw_customers',
    key: '4',
    column: 'email',
    to: 'siobhan.omalley@omalleyroofing.example',
  },
  { seed: 'raw_deals', key: '5039', column: 'stage', to: 'proposal' },
  { seed: 'raw_deals', key: '5039', column: 'amount', to: '21500.00' },
]

/** A person who signs up at account 1005: its company gets one more seat. */
const newCustomer: Readonly<Record<string, string>> = {
  customer_id: '61',
  account_id: '1005',
  first_name: 'Noor',
  last_name: 'Haddad',
  email: 'noor.haddad@helixdx.example',
  job_title: 'Lab Planner',
  role: 'member',
  status: 'active',
  signed_up_at: '2026-11-19 09:30:00',
  is_test: 'false',
}

/** Jobs that the first customer schedules: an event, and one more of what the contact counts. */
const newEvent: Readonly<Record<string, string>> = {
  event_id: '90121',
  customer_id: '1',
  event_name: 'job_scheduled',
  quantity: '12',
  occurred_at: '2026-11-19 10:05:00',
}

/** A change as `changes` must record it. */
export interface ExpectedChange {
  readonly sync: string
  readonly row: string
  readonly operation: 'update' | 'create' | 'send'
  /** Undefined for a new record or event: all that have a value. */
  readonly properties?: readonly string[]
}

/** What the edits come to: these rows, these properties, and nothing else. */
export const expectedChanges: readonly ExpectedChange[] = [
  { sync: 'companies', row: '1005', operation: 'update', properties: ['seats'] },
  {
    sync: 'contacts',
    row: '1',
    operation: 'update',
    properties: ['jobs_scheduled_30d', 'jobtitle'],
  },
  { sync: 'contacts', row: '4', operation: 'update', properties: ['email'] },
  { sync: 'contacts', row: '61', operation: 'create' },
  { sync: 'deals', row: '5039', operation: 'update', properties: ['amount', 'dealstage'] },
  { sync: 'job_events', row: '90121', operation: 'send' },
]

/** Changes a few rows of the seeds. @returns a line for each change */
export function editSeeds(folder: string): readonly string[] {
  const said = cellEdits.map(({ seed, key, column, to }) => {
    const from = editCell(seedFile(folder, seed), { key, column, to })
    return `seeds/${seed}.csv  row ${key}, ${column}: ${from} → ${to}`
  })
  addRow(seedFile(folder, 'raw_customers'), newCustomer)
  addRow(seedFile(folder, 'raw_product_events'), newEvent)
  return [
    ...said,
    `seeds/raw_customers.csv  new row ${newCustomer['customer_id']}: ${newCustomer['first_name']} ${newCustomer['last_name']}`,
    `seeds/raw_product_events.csv  new row ${newEvent['event_id']}: customer ${newEvent['customer_id']} scheduled ${newEvent['quantity']} jobs`,
  ]
}

function addRow(file: string, cells: Readonly<Record<string, string>>): void {
  const text = readFileSync(file, 'utf8').trimEnd()
  const row = cellsOf(text.split('\n', 1)[0] ?? '').map((column) => cells[column] ?? '')
  writeFileSync(file, `${text}\n${row.join(',')}\n`)
}

const seedFile = (folder: string, seed: string): string => join(folder, 'seeds', `${seed}.csv`)

/** @returns the cell before */
function editCell(file: string, edit: Omit<CellEdit, 'seed'>): string {
  let before = ''
  const [header = '', ...lines] = readFileSync(file, 'utf8').split('\n')
  const place = cellsOf(header).indexOf(edit.column)
  const edited = lines.map((line) => {
    const cells = cellsOf(line)
    if (cells[0] !== edit.key) return line
    before = cells[place] ?? ''
    return cells.with(place, edit.to).join(',')
  })
  writeFileSync(file, [header, ...edited].join('\n'))
  return before
}

/** Cells of a line as they are written, quotes included; the seeds hold no line breaks in cells. */
function cellsOf(line: string): readonly string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .filter(({ 0: all, index }) => all !== '' || line.endsWith(',') || index === 0)
    .map(([, cell = '']) => cell)
}
