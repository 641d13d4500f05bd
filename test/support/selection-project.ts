import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { copyExampleProject } from '../../src/cli/demo/example-project.ts'

/**
 * Writes the example project with what selectors look at beside models: sources, tags, groups, access, versions, a snapshot, a
 * package, tests of every kind, exposures over several models, and selectors.yml.
 */
export function writeSelectionProject(): string {
  const dir = mkdtempSync(join(tmpdir(), 'backhaul-selection-'))
  copyExampleProject(dir)
  rmSync(join(dir, 'artifacts'), { recursive: true })
  for (const [path, text] of Object.entries(files)) write(dir, path, text)
  // The exposure of the example, too, has a tag by which it is found.
  edit(dir, 'models/marts/_exposures.yml', '    config:\n', '    config:\n      tags: [crm]\n')
  return dir
}

/** Changes the project after its state was kept, one kind of change per node. */
export function changeSelectionProject(dir: string): void {
  appendFileSync(join(dir, 'models/marts/hubspot_companies.sql'), '\n-- changed\n')
  appendFileSync(join(dir, 'seeds/codes.csv'), '9,nine\n')
  edit(dir, 'macros/cents.sql', '/ 100', '/ 100.0')
  edit(
    dir,
    'models/shop/_shop.yml',
    'description: Orders as documented',
    'description: Orders, described anew',
  )
  edit(dir, 'models/shop/_shop.yml', 'description: Plain words', 'description: Other plain words')
  edit(dir, 'models/shop/_shop.yml', 'maturity: low', 'maturity: medium')
  edit(dir, 'models/shop/_shop.yml', '# alias here', 'alias: weekly')
  edit(dir, 'models/shop/_shop.yml', 'data_type: bigint # contract', 'data_type: integer')
  edit(dir, 'models/shop/_shop.yml', 'meta: {owner: revops', 'meta: {owner: finance')
  edit(dir, 'models/shop/_shop.yml', 'identifier: raw_refunds', 'identifier: refunds_now')
  write(dir, 'models/shop/brand_new.sql', "select * from {{ ref('orders', v=2) }}\n")
  write(
    dir,
    'models/shop/_new.yml',
    `exposures:
  - {name: new_board, type: dashboard, owner: {name: Data}, depends_on: ["ref('brand_new')"]}
`,
  )
}

function write(dir: string, path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}

function edit(dir: string, path: string, from: string, to: string): void {
  const text = readFileSync(join(dir, path), 'utf8')
  if (!text.includes(from)) throw new RangeError(`${path} does not hold ${from}`)
  write(dir, path, text.replace(from, to))
}

const files: Readonly<Record<string, string>> = {
  'seeds/codes.csv': 'code,name\n1,one\n',
  'macros/cents.sql':
    '{% macro cents(column) %}{{ column }} / 100{% endmacro %}\n{% macro euros(column) %}{{ cents(column) }}{% endmacro %}\n',
  'models/shop/stg_orders.sql':
    "{{ config(tags=['nightly']) }}\nselect * from {{ source('shop', 'raw_orders') }}\n",
  'models/shop/stg_refunds.sql': "select * from {{ source('shop', 'raw_refunds') }}\n",
  'models/shop/orders_v1.sql': "select 1 as order_id from {{ ref('stg_orders') }}\n",
  'models/shop/orders_v2.sql': "select {{ euros('1') }} as order_id from {{ ref('stg_orders') }}\n",
  'models/shop/orders_v3.sql': "select 3 as order_id from {{ ref('stg_orders') }}\n",
  'models/shop/weekly/weekly_orders.sql':
    "select * from {{ ref('orders', v=2) }} join {{ ref('codes') }} on true\n",
  'models/shop/weekly/monthly.orders.sql': "select * from {{ ref('weekly_orders') }}\n",
  'models/shop/contracted.sql': 'select 1::bigint as id\n',
  'models/shop/plain.sql': 'select 1 as id\n',
  'models/shop/joined.sql':
    "select * from {{ ref('hubspot_companies') }}, {{ ref('stg_refunds') }}\n",
  'models/shop/_shop.yml': `version: 2
groups:
  - {name: finance, owner: {name: Finance}}
  - {name: people_ops, owner: {name: People}}
sources:
  - name: shop
    tables:
      - {name: raw_orders, config: {tags: [raw, nightly]}}
      - {name: raw_refunds, identifier: raw_refunds}
models:
  - name: orders
    latest_version: 2
    description: Orders as documented
    config: {group: finance, tags: [finance, daily], persist_docs: {relation: true}}
    versions:
      - v: 1
        config: {access: private}
      - v: 2
        config: {access: public, materialized: view}
      - v: 3
  - name: weekly_orders
    config:
      group: finance
      # alias here
      meta: {owner: revops, tier: 1, live: true, teams: [crm, finance], nested: {deep: "yes"}}
  - name: plain
    description: Plain words
    data_tests: [{unique: {arguments: {column_name: id}, config: {severity: warn, tags: [quality]}}}]
  - name: joined
    config: {tags: [nightly-extra]}
  - name: contracted
    config: {contract: {enforced: true}, materialized: table}
    columns:
      - {name: id, data_type: bigint # contract
        }
unit_tests:
  - name: plain_gives_one
    model: plain
    given: []
    expect: {rows: [{id: 1}]}
exposures:
  - name: weekly_board
    type: dashboard
    maturity: low
    owner: {name: Data}
    depends_on: ["ref('weekly_orders')", "source('shop', 'raw_orders')", "ref('contracted')"]
    config: {tags: [nightly], meta: {owner: revops}}
`,
  'snapshots/customers_history.yml': `snapshots:
  - name: customers_history
    relation: ref('raw_customers')
    config: {unique_key: customer_id, strategy: check, check_cols: all, tags: [history]}
`,
  'tests/orders_are_few.sql':
    "{{ config(tags=['quality']) }}\nselect * from {{ ref('orders', v=3) }} where false\n",
  'analyses/look.sql': "{{ config(tags=['nightly']) }}\nselect * from {{ ref('plain') }}\n",
  'dbt_packages/crm_tools/dbt_project.yml':
    'name: crm_tools\nversion: "1.0.0"\nconfig-version: 2\nmodels:\n  crm_tools:\n    +tags: [packaged]\n',
  'dbt_packages/crm_tools/models/marts/crm_accounts.sql': 'select 1 as id\n',
  'dbt_packages/crm_tools/models/shop/plain_too.sql': "select * from {{ ref('crm_accounts') }}\n",
  'dbt_packages/crm_tools/models/odd/odd_one.sql': "select * from {{ ref('crm_accounts') }}\n",
  'packages.yml': 'packages:\n  - local: dbt_packages/crm_tools\n',
  'selectors.yml': `selectors:
  - name: nightly
    description: What the night builds
    definition: tag:nightly
  - name: nightly_and_below
    definition:
      method: tag
      value: nightly
      children: true
      children_depth: 1
      exclude:
        - "tag:finance"
        - method: fqn
          value: weekly_orders
  - name: union_of_all
    definition:
      union:
        - tag: finance
        - method: path
          value: models/staging
          parents: true
        - "@plain"
        - exclude:
            - method: version
              value: old
            - union: [fqn:plain, resource_type:seed]
  - name: both
    definition:
      intersection:
        - method: selector
          value: union_of_all
        - {method: config.materialized, value: view}
  - name: typed
    definition: {method: config.meta.tier, value: 1}
  - name: live
    definition: {method: config.meta.live, value: true}
  - name: without_the_night
    definition:
      method: package
      value: this
      exclude: [{method: selector, value: nightly}]
  - name: no_deep_state
    definition:
      union:
        - intersection: [{method: state, value: modified, children: true}, 'resource_type:model']
        - "state:new"
`,
}
