import { describe, expect, test } from 'vitest'
import { modelMatches } from '../../src/plan/diff/model-keys.ts'
import { preflightStatement } from '../../src/plan/diff/repeats.ts'
import { diffStatement, plannedRows } from '../../src/plan/diff/diff.ts'
import type { OtherSync, StoredDiffSpec } from '../../src/plan/diff-spec.ts'
import { countRemovals, keepStatements } from '../../src/plan/kept-records.ts'
import { linksStatement } from '../../src/plan/links/link-plan.ts'
import { digestStatement } from '../../src/plan/plan-digest.ts'
import { overlapStatement } from '../../src/plan/links/renamed-links.ts'
import { rekeyTargets } from '../../src/record/rekey.ts'
import { rejectRepeatedTexts } from '../../src/plan/values/repeated-texts.ts'
import { completedRow, completion } from '../../src/plan/templates/template-completion.ts'
import { adoptStatement, leaveOthersStatement } from '../../src/record/adopt-rows.ts'
import { completeStatement, shortenStatement } from '../../src/record/complete-plan.ts'
import {
  countRemade,
  countStrange,
  followedMembers,
  keepMembers,
  lostMembers,
  lostRecords,
  movedMembers,
  remadeMembers,
  sameMembers,
  strangeMembers,
  waitingMovers,
} from '../../src/plan/kept-members.ts'
import { contactsStatement, takeRecordsStatement } from '../../src/record/event-contacts.ts'
import {
  inheritMembersStatement,
  changesStatement,
  countStatement,
  doubtOwnersStatement,
  mergeLinksStatement,
  type MergeSpec,
  mergeStatement,
  releaseMembersStatement,
  sweepStatements,
} from '../../src/record/merge.ts'
import { claimStatement, settleStatements, throughStatement } from '../../src/record/alert-states.ts'
import { claimsStatement } from '../../src/record/links/link-claims.ts'
import { movedLinksStatement, takeEndsStatement } from '../../src/record/links/link-ends.ts'
import { mendStatements } from '../../src/record/drift-marks.ts'
import { sentRowsStatement } from '../../src/record/sent-rows.ts'
import { knownRowsStatement, rematchStatements, takeBackStatement } from '../../src/record/rematch.ts'
import { createTable, documentTable, sharedTables, syncTables, tableAt } from '../../src/record/tables.ts'
import { bigqueryDialect } from '../../src/warehouse/bigquery/dialect.ts'
import type { Dialect } from '../../src/warehouse/dialect.ts'
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.ts'
import { currentSchemaVersion } from '../../src/record/schema/ensure-tables.ts'
import { postgresDialect } from '../../src/warehouse/postgres/dialect.ts'
import { snowflakeDialect } from '../../src/warehouse/snowflake/dialect.ts'
import { type Sql, sql } from '../../src/warehouse/sql.ts'
import { columnOf, diffSpec, propertyOf } from '../support/diff-spec.ts'

const dialects: readonly Dialect[] = [duckdbDialect, postgresDialect, snowflakeDialect, bigqueryDialect]

/** Events by one name, or by a column of names. */
function eventSpec({ name, by }: { readonly name?: string; readonly by: 'email' | 'sync' }): StoredDiffSpec {
  const { match: _, ...rest } = diffSpec({ mode: 'insert' })
  const event = columnOf('event', 'text', 'text')
  const part = (own: string) => ({ name: own, nulls: 'keep', onInvalid: 'reject_row' }) as const
  const source =
    name === undefined
      ? ({
          kind: 'column',
          column: event,
          wire: { kind: 'text' },
          lookup: {
            kind: 'event',
            entries: [
              { term: 'jobs', meaning: 'pe1_jobs' },
              { term: 'job', trouble: 'is no event in HubSpot. Did you mean `jobs`?' },
            ],
          },
        } as const)
      : ({ kind: 'value', value: `pe1_${name}` } as const)
  return {
    ...rest,
    event: {
      contact: {
        by,
        columns:
          by === 'email'
            ? [columnOf('email', 'text', 'text')]
            : [columnOf('region', 'text', 'text'), columnOf('customer', 'integer', 'integer')],
      },
      syncName: 'jobs',
    },
    ...(by === 'email'
      ? { asksForContacts: true as const }
      : {
          contactRows: {
            state: { schema: 'marts_backhaul', name: 'state__vips' },
            model: { relation: 'marts.vips', filters: ['is_vip'], keyColumns: [columnOf('id', 'integer', 'integer')] },
          },
        }),
    properties: [
      { ...part('_event'), source },
      {
        ...part('_occurred_at'),
        source: { kind: 'column', column: columnOf('at', 'timestamp', 'timestamp'), wire: { kind: 'datetime' } },
        stays: 'moment',
      },
      { ...part('_uuid'), source: { kind: 'row_id' }, stays: 'uuid' },
      {
        ...propertyOf('quantity', columnOf('quantity', 'integer', 'integer'), 'number', { nulls: 'keep' }),
        ...(name === undefined ? { onlyOf: ['pe1_jobs'] } : {}),
      },
    ],
    requiredGroups: name === undefined ? [['_event']] : [],
  }
}

/** Links by the rows of another sync, by id, and by look-up; labels of a column, static ones, and none. */
const linked: StoredDiffSpec = diffSpec({
  onDelete: 'delete',
  linksTable: { schema: 'marts_backhaul', name: 'links__contacts' },
  linkTargets: [
    {
      syncName: 'vips',
      state: { schema: 'marts_backhaul', name: 'state__vips' },
      model: { relation: 'marts.vips', filters: ['is_vip'], keyColumns: [columnOf('id', 'integer', 'integer')] },
      planned: { table: { schema: 'marts_backhaul', name: 'plan__vips' }, runId: 'r9' },
    },
  ],
  links: [
    {
      association: 'companies/sync:vips',
      object: 'companies',
      objectTypeId: '0-2',
      target: { kind: 'sync', sync: 'vips', columns: [columnOf('badge', 'text', 'text')] },
      labels: { kind: 'column', column: columnOf('owner', 'text', 'text') },
      lookup: {
        kind: 'link',
        entries: [
          { term: 'Buyer', meaning: 'USER_DEFINED:7' },
          { term: 'Twice', trouble: 'is the label of several types' },
        ],
      },
      plainType: 'HUBSPOT_DEFINED:279',
      onRemoved: 'remove',
    },
    {
      association: 'deals/id:colours',
      object: 'deals',
      objectTypeId: '0-3',
      target: { kind: 'id', column: columnOf('colours', 'text[]', 'array') },
      labels: { kind: 'types', types: [] },
      lookup: { kind: 'link', entries: [] },
      plainType: 'HUBSPOT_DEFINED:4',
      onRemoved: 'keep',
    },
    {
      association: 'companies/domain:zip',
      object: 'companies',
      objectTypeId: '0-2',
      target: {
        kind: 'match',
        by: 'search',
        property: 'domain',
        column: columnOf('zip', 'text', 'text'),
        foldsCase: true,
        isDomain: true,
      },
      split: ';',
      labels: { kind: 'types', types: ['HUBSPOT_DEFINED:1'] },
      lookup: { kind: 'link', entries: [] },
      plainType: 'HUBSPOT_DEFINED:279',
      onRemoved: 'keep',
    },
  ],
})

const cases: Readonly<Record<string, StoredDiffSpec>> = {
  'diff-links': linked,
  'diff-upsert': diffSpec(),
  'diff-first-run': (({ state: _none, ...rest }) => rest)(diffSpec()),
  'diff-insert': diffSpec({ mode: 'insert' }),
  'diff-update': diffSpec({ mode: 'update' }),
  'diff-duplicates': diffSpec({ hasRepeatedKeys: true, hasRepeatedMatches: true }),
  'diff-composite-key': diffSpec({
    keyColumns: [columnOf('region', 'text', 'text'), columnOf('order', 'integer', 'integer')],
    filters: ['is_test = false', "note <> 'really?'"],
  }),
  'diff-hashed-audit': diffSpec({ auditValues: 'hashed' }),
  'diff-no-audit': diffSpec({ auditValues: 'none' }),
  'diff-stages': diffSpec({
    properties: [
      propertyOf('lifecyclestage', columnOf('first_name', 'text', 'text'), 'text', {
        stages: ['lead', 'customer'],
        clearsFirst: true,
      }),
    ],
  }),
  'diff-full-refresh': diffSpec({ isFullRefresh: true }),
  'diff-chosen-rows': diffSpec({ onlyRows: ['1', '2'], limit: 10 }),
  'diff-removals': diffSpec({ onDelete: 'delete' }),
  'diff-record-id': diffSpec({
    mode: 'update',
    match: {
      by: 'record_id',
      property: 'hs_object_id',
      column: columnOf('hubspot_id', 'bigint', 'integer'),
      wire: { kind: 'number' },
      foldsCase: false,
    },
  }),
  'diff-events': eventSpec({ name: 'jobs', by: 'email' }),
  'diff-events-by-column': eventSpec({ by: 'sync' }),
  'diff-start-now': diffSpec({ mode: 'insert', start: { kind: 'now', firstRunId: 'run-0' } }),
  'diff-start-from': diffSpec({
    mode: 'insert',
    start: {
      kind: 'from',
      column: columnOf('created_at', 'timestamp', 'timestamp'),
      wire: { kind: 'datetime' },
      from: '2026-01-01T00:00:00.000Z',
    },
    properties: [{ name: 'row_key', source: { kind: 'row_id' }, nulls: 'keep', onInvalid: 'reject_row' }],
  }),
  'diff-checked-values': diffSpec({
    properties: [
      propertyOf('colours', columnOf('colours', 'text[]', 'array'), 'multi', {
        options: ['red', 'blue'],
      }),
      propertyOf('email', columnOf('email', 'text', 'text'), 'text', { nulls: 'keep' }),
      propertyOf('score', columnOf('score', 'text', 'text'), 'number', {
        onInvalid: 'drop_property',
        nulls: 'clear_always',
      }),
      propertyOf('seen_at', columnOf('seen_at', 'text', 'text'), 'datetime'),
    ],
  }),
  'diff-lookups': diffSpec({
    repeatedValues: ['badge'],
    requiredGroups: [['amount'], ['badge', 'name']],
    properties: [
      {
        ...propertyOf('amount', columnOf('amount', 'numeric', 'decimal'), 'number', {
          onInvalid: 'drop_property',
        }),
        limits: [{ kind: 'min_number', bound: '1' }],
      },
      { ...propertyOf('badge', columnOf('badge', 'text', 'text')), isUnique: true },
      {
        ...propertyOf('colours', columnOf('colours', 'text[]', 'array')),
        source: {
          kind: 'column',
          column: columnOf('colours', 'text[]', 'array'),
          wire: { kind: 'multi' },
          lookup: { kind: 'label', entries: [{ term: 'Red', meaning: 'r' }] },
        },
      },
      { ...propertyOf('email', columnOf('email', 'text', 'text')), nulls: 'keep' },
      {
        ...propertyOf('owner', columnOf('owner', 'text', 'text')),
        source: {
          kind: 'column',
          column: columnOf('owner', 'text', 'text'),
          wire: { kind: 'text' },
          lookup: {
            kind: 'owner',
            entries: [
              { term: 'ada@shop.example', meaning: '7' },
              { term: 'bob@shop.example', trouble: 'is gone' },
            ],
          },
        },
      },
      {
        ...propertyOf('zip', columnOf('zip', 'text', 'text')),
        limits: [
          { kind: 'max_length', bound: 5 },
          { kind: 'pattern', pattern: '^[0-9]*$', words: 'is not all digits' },
        ],
      },
    ],
  }),
}

/** One that takes part, and one whose state stands as it is. */
const others = (onDelete: 'clear' | 'delete'): readonly OtherSync[] => [
  {
    syncName: 'vips',
    state: { schema: 'marts_backhaul', name: 'state__vips' },
    model: {
      relation: 'marts.vips',
      filters: ['is_vip'],
      keyColumns: [columnOf('id', 'integer', 'integer')],
      match: {
        by: 'unique',
        property: 'email',
        column: columnOf('email', 'text', 'text'),
        wire: { kind: 'text' },
        foldsCase: true,
      },
      properties: ['email', 'lifecyclestage'],
    },
  },
  onDelete === 'clear'
    ? { syncName: 'resting', state: { schema: 'marts_backhaul', name: 'state__resting' } }
    : {
        syncName: 'by_id',
        model: {
          relation: 'marts.named',
          filters: [],
          keyColumns: [columnOf('id', 'integer', 'integer')],
          match: {
            by: 'record_id',
            property: 'hs_object_id',
            column: columnOf('hubspot_id', 'bigint', 'integer'),
            wire: { kind: 'number' },
            foldsCase: false,
          },
          properties: ['city'],
        },
      },
]

const templated = diffSpec({
  properties: [propertyOf('email', columnOf('email', 'text', 'text'), 'text', { nulls: 'keep' })],
  rendered: { schema: 'marts_backhaul', name: 'resolutions__contacts' },
  templates: [
    {
      property: {
        ...propertyOf('salutation', columnOf('salutation', 'text', 'text')),
        isRendered: true,
      },
      template: 'Hi',
      reads: [
        { name: 'first_name', column: columnOf('first_name', 'text', 'text') },
        { name: 'joined_at', column: columnOf('joined_at', 'timestamptz', 'timestamptz') },
      ],
    },
    {
      property: {
        ...propertyOf('score', columnOf('score', 'text', 'text'), 'number', { onInvalid: 'drop_property' }),
        isRendered: true,
      },
      template: '1',
      reads: [{ name: 'orders', column: columnOf('orders', 'double', 'float') }],
    },
  ],
})

/** Templates whose rows may leave, of properties that a record needs, and that move through stages. */
const demanding: StoredDiffSpec = {
  ...templated,
  onDelete: 'clear',
  requiredGroups: [['salutation', 'email'], ['email']],
  templates: [
    ...(templated.templates ?? []).map((template) => ({
      ...template,
      property: { ...template.property, isClearable: true },
    })),
    {
      property: {
        ...propertyOf('lifecyclestage', columnOf('lifecyclestage', 'text', 'text')),
        isRendered: true,
        stages: ['lead', 'customer'],
      },
      template: 'lead',
      reads: [],
    },
  ],
}

const merge: MergeSpec = {
  runId: 'run-1',
  syncName: 'contacts',
  state: { schema: 'marts_backhaul', name: 'state__contacts' },
  plan: { schema: 'marts_backhaul', name: 'plan__contacts' },
  results: { schema: 'marts_backhaul', name: 'results__contacts' },
  changes: { schema: 'marts_backhaul', name: 'changes' },
  intents: { schema: 'marts_backhaul', name: 'intents' },
  properties: ['email', 'firstname', 'amount'],
  doubt: '\u0001',
  maxAttempts: 3,
  looksAgain: false,
  auditValues: 'full',
}

/** A spec as the engine could have it: BigQuery has other quotes, and no columns with quotes in their names. */
const spelled = (dialect: Dialect, spec: StoredDiffSpec): StoredDiffSpec =>
  dialect.name === 'bigquery'
    ? (JSON.parse(JSON.stringify(spec).replaceAll('Total \\"net\\"', 'Total net'), (key, value) =>
        key === 'relation' ? '`shop`.`marts`.`hubspot_contacts`' : value,
      ) as StoredDiffSpec)
    : spec

/** The statement as a reviewer reads it: native SQL, then its bindings. */
function printed(dialect: Dialect, ...statements: readonly Sql[]): string {
  return statements
    .map((statement) => {
      const { sql: text, bindings } = dialect.compile(statement)
      return bindings.length === 0 ? `${text};\n` : `${text};\n-- ${JSON.stringify(bindings)}\n`
    })
    .join('\n')
}

describe.each(dialects)('$name', (dialect) => {
  const file = (name: string) => `./${name}.${dialect.name}.sql`

  test.each(Object.entries(cases))('%s', async (name, spec) => {
    await expect(printed(dialect, diffStatement(dialect, spelled(dialect, spec)))).toMatchFileSnapshot(file(name))
  })

  test('links', async () => {
    const { state: _state, linksTable: _links, linkTargets: _targets, ...first } = spelled(dialect, linked)
    const insert = { ...first, mode: 'insert' as const, onlyRows: ['1'], limit: 5 }
    const statements = [
      linksStatement(dialect, spelled(dialect, linked)),
      linksStatement(dialect, insert),
      linksStatement(dialect, { ...spelled(dialect, linked), renamedLinks: [{ from: 'companies/id:old', to: 'companies/id:new' }] }),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('links'))
  })

  test('preflight', async () => {
    await expect(printed(dialect, preflightStatement(dialect, spelled(dialect, diffSpec())))).toMatchFileSnapshot(
      file('preflight'),
    )
  })

  test.each([
    ['diff-templates', templated],
    ['diff-templates-checked', demanding],
  ])('%s', async (name, of) => {
    const { rendered = tableAt({ database: undefined, schema: '' }, ''), ...spec } = spelled(dialect, of)
    const statements = [
      diffStatement(dialect, spec),
      ...completion(dialect, { ...spec, rendered }, 1, 5000),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file(name))
  })

  test('repeated-texts', async () => {
    const { templates = [], ...rest } = spelled(dialect, templated)
    const unique = templates
      .slice(0, 1)
      .map((one) => ({ ...one, property: { ...one.property, isUnique: true } }))
    const [statement] = rejectRepeatedTexts(dialect, { ...rest, templates: unique })
    await expect(printed(dialect, statement ?? sql``)).toMatchFileSnapshot(file('repeated-texts'))
  })

  test('one-row-templates', async () => {
    const { plan: _, ...spec } = spelled(dialect, demanding)
    const row = sql`select * from ${plannedRows(dialect, spec)} where row_id = ${'7'}`
    const statement = completedRow(dialect, spec, row, '{"salutation": "Hi", "score": "7.0"}')
    await expect(printed(dialect, statement)).toMatchFileSnapshot(file('one-row-templates'))
  })

  test('plan-digest', async () => {
    const { plan, runId } = merge
    const statements = [
      digestStatement(dialect, { plan, runId, seal: 'salted' }),
      digestStatement(dialect, { plan, runId, seal: 'salted', eventProperties: ['_event', '_occurred_at', 'amount'] }),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('plan-digest'))
  })

  test('merge', async () => {
    const statements = [
      countStatement(dialect, merge),
      mergeStatement(dialect, merge),
      changesStatement(dialect, merge),
      doubtOwnersStatement(dialect, merge),
      ...sweepStatements(dialect, merge),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('merge'))
  })

  test('merge-links', async () => {
    const links = { schema: 'marts_backhaul', name: 'links__contacts' }
    const { links: _, ...plain } = { ...merge, links }
    const open = { plan: merge.plan, results: merge.results, runId: 'run-1' }
    const vips = { schema: 'marts_backhaul', name: 'state__vips' }
    const statements = [
      takeEndsStatement(dialect, plain, 'run-1', [
        { association: 'companies/sync:vips', state: vips },
        { association: 'contacts/sync:contacts', state: merge.state, open },
      ]),
      countStatement(dialect, { ...merge, links }),
      mergeStatement(dialect, { ...merge, links }),
      mergeLinksStatement(dialect, { ...merge, links }),
      changesStatement(dialect, { ...merge, links }),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('merge-links'))
  })

  test('link-claims', async () => {
    const of = (name: string) => ({ schema: 'marts_backhaul', name })
    const own = { plan: of('plan__contacts'), runId: 'run-1' }
    const statement = claimsStatement(
      dialect,
      [
        { links: of('links__contacts'), open: own, objectTypeId: '0-1', associations: ['companies/sync:firm_id'], isOwn: true },
        { links: of('links__vip'), objectTypeId: '0-1', isOwn: false },
        { links: of('links__jobs'), objectTypeId: '0-2', isOwn: false },
      ],
      { ...own, kind: 'dissociate', fromSeq: 7, toSeq: 99, objectTypeId: '0-1' },
    )
    await expect(printed(dialect, statement)).toMatchFileSnapshot(file('link-claims'))
  })

  test('moved-links', async () => {
    const links = { schema: 'marts_backhaul', name: 'links__contacts' }
    const open = { plan: merge.plan, results: merge.results, runId: 'run-1' }
    const state = { schema: 'marts_backhaul', name: 'state__vips' }
    const entries = ['companies/sync:firm_id', 'contacts/sync:boss']
    const [first = '', second = ''] = entries
    const { linksTable = links, links: asked = [] } = linked
    const statements = [
      movedLinksStatement(dialect, { ...merge, links }, 'run-1', entries, [
        { association: first, state },
        { association: second, state: merge.state, open },
      ]),
      overlapStatement(dialect, { ...spelled(dialect, linked), links: asked.slice(0, 1), linksTable }, [first]),
      ...rekeyTargets(dialect, { links, state: merge.state }, '0-1', modelMatches(dialect, spelled(dialect, diffSpec()))),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('moved-links'))
  })

  test.each(['clear', 'delete'] as const)('keep-%s', async (onDelete) => {
    const spec = spelled(dialect, {
      ...diffSpec({ onDelete, others: others(onDelete) }),
      ...(onDelete === 'clear' ? {} : { deletesAdopted: true }),
    })
    const statements = [countRemovals(dialect, spec), ...keepStatements(dialect, spec)]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file(`keep-${onDelete}`))
  })

  test.each([
    ['complete-plan', undefined],
    ['complete-plan-by-search', { delaySeconds: 600, siblings: [{ schema: 'marts_backhaul', name: 'state__more' }] }],
  ])('%s', async (name, search) => {
    const spec = {
      runId: 'run-1',
      plan: merge.plan,
      state: merge.state,
      resolutions: { schema: 'marts_backhaul', name: 'resolutions__contacts' },
      ...(search === undefined ? {} : { search }),
    }
    await expect(printed(dialect, completeStatement(dialect, spec))).toMatchFileSnapshot(file(name))
  })

  test('event-contacts', async () => {
    const table = (name: string) => ({ schema: 'marts_backhaul', name })
    const own = { plan: table('plan__jobs'), runId: 'run-1', operation: 'send' } as const
    const state = table('state__contacts')
    const open = { plan: merge.plan, results: merge.results, runId: 'run-0' }
    const statements = [
      takeRecordsStatement(dialect, own, { state }),
      takeRecordsStatement(dialect, own, { state, open }),
      contactsStatement(dialect, own, table('resolutions__jobs'), ''),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('event-contacts'))
  })

  test('alerts', async () => {
    const table = (name: string) => ({ schema: 'marts_backhaul', name })
    const words = { title: 'contacts failed', what: [], steps: [], command: null, runId: null }
    const failure = { trouble: 'failure', status: 'open', words } as const
    const changes = [
      { ...failure, dedupKey: 'backhaul/shop/prod/team/contacts/failure', alert: 'team', sync: 'contacts' },
      { ...failure, dedupKey: 'backhaul/shop/prod/team//failure', alert: 'team', sync: null },
    ]
    const [one, other] = changes.map(({ dedupKey }) => dedupKey)
    const toldAlready = new Map([[String(other), 'open' as const]])
    const claim = { targetName: 'prod', holder: 'invocation-1', toldAlready }
    const statements = [
      throughStatement(dialect, table('runs')),
      claimStatement(dialect, table('alerts'), claim, changes),
      ...settleStatements(dialect, table('alerts'), 'invocation-1', [
        { dedupKey: String(one) },
        { dedupKey: String(other), error: 'HTTP 500' },
      ]),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('alerts'))
  })

  test('list-members', async () => {
    const table = (name: string) => ({ schema: 'marts_backhaul', name })
    const tables = {
      plan: table('plan__vip'),
      state: table('state__vip'),
      runId: 'run-1',
      isExact: false,
      isListMadeHere: true,
    }
    const own = { plan: tables.plan, runId: 'run-1', operation: 'add' } as const
    const members = table('resolutions__vip')
    const statements = [
      contactsStatement(dialect, own, members, 'e-mail address'),
      sameMembers(dialect, tables),
      ...keepMembers(dialect, tables),
      movedMembers(dialect, tables),
      waitingMovers(dialect, tables, table('results__vip')),
      countRemade(dialect, tables, { state: table('state__contacts') }),
      remadeMembers(dialect, tables, {
        state: table('state__contacts'),
        open: { plan: table('plan__contacts'), results: table('results__contacts'), runId: 'run-0' },
      }),
      followedMembers(dialect, tables, members),
      lostRecords(dialect, { ...tables, isExact: true }, members, '1001', 1000),
      countStrange(dialect, { ...tables, isExact: true }, members),
      lostMembers(dialect, { ...tables, isExact: true }, members),
      strangeMembers(dialect, { ...tables, isExact: true }, members),
      inheritMembersStatement(dialect, { ...merge, isList: true }),
      releaseMembersStatement(dialect, { ...merge, isList: true }),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('list-members'))
  })

  test('shorten-plan', async () => {
    const resolutions = { schema: 'marts_backhaul', name: 'resolutions__contacts' }
    const statement = shortenStatement(dialect, { ...merge, resolutions })
    await expect(printed(dialect, statement)).toMatchFileSnapshot(file('shorten-plan'))
  })

  test('adopt', async () => {
    const resolutions = { schema: 'marts_backhaul', name: 'resolutions__contacts' }
    const { state: _none, ...first } = spelled(dialect, diffSpec({ isAdoption: true }))
    const statements = [
      diffStatement(dialect, first),
      adoptStatement(dialect, { ...merge, resolutions }),
      leaveOthersStatement(dialect, merge),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('adopt'))
  })

  test('rematch', async () => {
    const resolutions = { schema: 'marts_backhaul', name: 'resolutions__contacts' }
    const tables = { ...merge, resolutions }
    const keys = modelMatches(dialect, spelled(dialect, diffSpec()))
    const statements = [
      knownRowsStatement(dialect, tables, keys),
      takeBackStatement(dialect, tables),
      ...rematchStatements(dialect, tables),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('rematch'))
  })

  test('drift', async () => {
    const { plan, state, runId } = merge
    const sample = { rows: 100, seed: 'seed' }
    const page = { after: '17', limit: 10_000 }
    const statements = [
      sentRowsStatement(dialect, state, {}, { after: undefined, limit: 10_000 }),
      sentRowsStatement(dialect, state, { rowIds: ['42', '43'], sample }, page),
      ...mendStatements(dialect, {
        runId,
        syncName: 'contacts',
        plan,
        state,
        links: { schema: 'marts_backhaul', name: 'links__contacts' },
        changes: { schema: 'marts_backhaul', name: 'changes' },
        auditValues: 'hashed',
        range: { fromSeq: 1, toSeq: 1000 },
      }),
    ]
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('drift'))
  })

  test('tables', async () => {
    const location = { database: undefined, schema: 'marts_backhaul' }
    const own = Object.entries(syncTables).map(([kind, spec]) => [`${kind}__contacts`, spec])
    const tables: typeof sharedTables = { ...sharedTables, ...Object.fromEntries(own) }
    const statements = Object.entries(tables).flatMap(([name, spec]) => {
      const table = tableAt(location, name)
      return [createTable(dialect, table, spec), documentTable(dialect, table, spec) ?? []].flat()
    })
    await expect(printed(dialect, ...statements)).toMatchFileSnapshot(file('tables'))
  })
})

test('a question mark in the text of a filter is no parameter', () => {
  const statement = diffStatement(postgresDialect, diffSpec({ filters: ["note <> 'really?'"] }))
  expect(postgresDialect.compile(statement).sql).toContain("note <> 'really?'")
  expect(postgresDialect.compile(sql`select ${'a'}`).sql).toBe('select $1')
})

test('what tables say of themselves fits into the catalogs', () => {
  // 1,024 characters of a column in BigQuery are the least: https://cloud.google.com/bigquery/quotas#table_limits
  const specs = [...Object.values(sharedTables), ...Object.values(syncTables)]
  const meanings = specs.flatMap(({ meaning, columns }) => [
    meaning,
    ...columns.map((column) => column.meaning),
  ])
  expect(meanings.filter((text) => text === '' || text.length > 1024)).toEqual([])
})

// A column more: raise `currentSchemaVersion`, and run with -u for the file of the new version. Those of earlier versions stay as
// they are: older-tables.test.ts starts from them.
test('the tables have the columns of their version', async () => {
  const columns = Object.entries({ ...sharedTables, ...syncTables }).map(([name, spec]) => [
    name,
    Object.fromEntries(spec.columns.map((column) => [column.name, column.kind])),
  ])
  await expect(`${JSON.stringify(Object.fromEntries(columns), null, 2)}\n`).toMatchFileSnapshot(
    `./tables.v${currentSchemaVersion}.json`,
  )
})
