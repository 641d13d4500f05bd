import { type Ledger, sharedTable, stateOf, syncTable } from '../../src/record/ledger.ts'
import { ensureSchema, ensureSyncTables } from '../../src/record/schema/ensure-tables.ts'
import type { TableRef } from '../../src/warehouse/dialect.ts'
import type { Value } from '../../src/warehouse/sql.ts'

type Cells = Readonly<Record<string, Value>>

const [firstNight, secondNight] = ['2026-03-01T02:00', '2026-03-02T02:00']

const run = (night: '1' | '2', sync: 'contacts' | 'deals', cells: Cells): Cells => {
  const start = night === '1' ? firstNight : secondNight
  const second = sync === 'contacts' ? 0 : 20
  const moment = (seconds: number) => `${start}:${String(seconds).padStart(2, '0')}.000Z`
  return {
    run_id: `${night}-${sync}`,
    invocation_id: `night-${night}`,
    sync_name: sync,
    status: 'succeeded',
    rows_created: 0,
    rows_updated: 0,
    rows_rejected: 0,
    rows_pending: 0,
    calls_made: 1,
    reads_made: 0,
    started_at: moment(second),
    finished_at: moment(second + 4),
    ...cells,
  }
}

const runs: readonly Cells[] = [
  run('1', 'contacts', { rows_created: 3, rows_updated: 0 }),
  run('1', 'deals', { rows_created: 1, rows_updated: 0 }),
  run('2', 'contacts', {
    status: 'partial',
    rows_created: 0,
    rows_updated: 1,
    rows_rejected: 2,
    calls_made: 2,
    error_category: 'ROWS_REJECTED',
    error_message: '2 rows rejected',
  }),
  run('2', 'deals', { rows_created: 0, rows_updated: 1 }),
]

const change = (run_id: string, seq: number, row_id: string, cells: Cells): Cells => ({
  run_id,
  sync_name: run_id.slice(2),
  seq,
  row_id,
  operation: 'upsert',
  outcome: 'succeeded',
  request_id: `call-${run_id}`,
  recorded_at: `${run_id.startsWith('1') ? firstNight : secondNight}:02.000Z`,
  ...cells,
})

const json = (value: unknown): string => JSON.stringify(value)

const changes: readonly Cells[] = [
  ...['1', '2', '3'].map((row, index) =>
    change('1-contacts', index + 1, row, {
      record_id: `900${row}`,
      is_created: true,
      changed_properties: json(['email', 'lifecyclestage']),
      old_values: '{}',
      new_values: json({ email: `p${row}@shop.example`, lifecyclestage: 'lead' }),
    }),
  ),
  change('1-deals', 1, 'D1', {
    record_id: '7001',
    is_created: true,
    changed_properties: json(['amount', 'dealname']),
    new_values: json({ amount: '100', dealname: 'Boat' }),
  }),
  change('2-contacts', 1, '2', {
    record_id: '9002',
    operation: 'update',
    changed_properties: json(['lifecyclestage']),
    old_values: json({ lifecyclestage: 'lead' }),
    new_values: json({ lifecyclestage: 'customer' }),
  }),
  change('2-contacts', 2, '3', {
    record_id: '9003',
    operation: 'update',
    outcome: 'rejected',
    changed_properties: json(['email']),
    error_category: 'INVALID_EMAIL',
    error_property: 'email',
    error_message: 'email: no e-mail address',
    request_id: 'call-2-contacts-b',
  }),
  change('2-contacts', 3, '4', {
    operation: 'reject',
    outcome: 'rejected',
    error_category: 'INVALID_VALUE',
    error_property: 'lifecyclestage',
    error_message: 'lifecyclestage: no option',
    request_id: null,
  }),
  change('2-deals', 1, 'D1', {
    record_id: '7001',
    operation: 'update',
    changed_properties: json(['amount']),
    old_values: json({ amount: '100' }),
    new_values: json({ amount: '120' }),
  }),
]

const call = (id: string, started_at: string, cells: Cells): Cells => ({
  request_id: `call-${id}`,
  method: 'POST',
  path: '/crm/v3/objects/contacts/batch/update',
  status_code: 200,
  attempt: 1,
  batch_size: 1,
  duration_ms: 40,
  correlation_id: `c-${id}`,
  started_at,
  ...cells,
})

const deals = { path: '/crm/v3/objects/deals/batch/update' }

const requests: readonly Cells[] = [
  call('1-contacts', `${firstNight}:01.000Z`, {
    path: '/crm/v3/objects/contacts/batch/upsert',
    batch_size: 3,
    duration_ms: 90,
  }),
  call('1-deals', `${firstNight}:21.000Z`, deals),
  call('2-contacts-a', `${secondNight}:01.000Z`, {
    status_code: 429,
    error_category: 'RATE_LIMITS',
    batch_size: 2,
    duration_ms: 8,
  }),
  call('2-contacts', `${secondNight}:02.000Z`, { attempt: 2, batch_size: 2 }),
  call('2-contacts-b', `${secondNight}:03.000Z`, {
    status_code: 400,
    error_category: 'VALIDATION_ERROR',
  }),
  call('2-deals', `${secondNight}:21.000Z`, deals),
]

const state: readonly Cells[] = [
  { row_id: '1', record_id: '9001', status: 'succeeded', created_here: true },
  { row_id: '2', record_id: '9002', status: 'succeeded', created_here: true },
  {
    row_id: '3',
    record_id: '9003',
    status: 'parked',
    created_here: true,
    attempts: 3,
    error_category: 'INVALID_EMAIL',
    error_message: 'email: no e-mail address',
    updated_at: `${secondNight}:03.000Z`,
  },
  {
    row_id: '4',
    status: 'rejected',
    attempts: 0,
    error_category: 'INVALID_VALUE',
    error_message: 'lifecyclestage: no option',
    updated_at: `${secondNight}:03.000Z`,
  },
  { row_id: '5', record_id: '9005', status: 'left', created_here: false },
]

const links: readonly Cells[] = [
  { row_id: '1', association: 'companies/sync:account_id', target_key: 'A1', status: 'succeeded' },
  { row_id: '2', association: 'companies/sync:account_id', target_key: 'A2', status: 'pending' },
]

/** Makes the tables, and fills them with two nights of two syncs: the example of docs/queries.md. */
export async function fillAudit(ledger: Ledger): Promise<void> {
  await ensureSchema(ledger)
  await ensureSyncTables(ledger, 'contacts')
  await ensureSyncTables(ledger, 'deals', false)
  await fill(ledger, sharedTable(ledger, 'runs'), runs)
  await fill(ledger, sharedTable(ledger, 'changes'), changes)
  await fill(ledger, sharedTable(ledger, 'requests'), requests)
  await fill(ledger, stateOf(ledger, 'contacts'), state)
  await fill(ledger, syncTable(ledger, 'links', 'contacts'), links)
}

function fill({ warehouse }: Ledger, table: TableRef, rows: readonly Cells[]): Promise<void> {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return warehouse.upload(
    table,
    columns,
    rows.map((row) => columns.map((column) => row[column] ?? null)),
  )
}
