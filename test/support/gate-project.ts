/**
 * A dbt project on DuckDB whose parts go wrong when the variable BAD names them. JSON is YAML.
 *
 * raw_people (seed, read as a source, too) → stg_people → people and history; totals and events stand alone.
 */
const bad = (part: string): string => `env_var('BAD', '') == '${part}'`

const sync = (name: string, more: object = {}) => ({
  sync: name,
  object: 'contacts',
  primary_key: 'id',
  match: { email: 'email' },
  shared: true,
  ...more,
})

const output = { type: 'duckdb', path: 'shop.duckdb', threads: 1 }

export const gateProject: Readonly<Record<string, unknown>> = {
  'profiles.yml': {
    shop: {
      target: 'dev',
      outputs: { dev: { ...output, schema: 'main' }, copy: { ...output, schema: 'copied' } },
    },
  },
  'dbt_project.yml': {
    name: 'shop',
    version: '1.0.0',
    profile: 'shop',
    flags: { send_anonymous_usage_stats: false },
    'on-run-end': [`{% if ${bad('hook')} %}select no_such_column{% endif %}`],
  },
  'seeds/raw_people.csv': 'id,email\n1,ada@shop.example\n',
  'macros/fails_for.sql': `{% test fails_for(model, part) %}
select 1 where {{ 'true' if env_var('BAD', '') == part else 'false' }}
{% endtest %}`,
  'macros/nothing.sql': '{% macro nothing() %}{% endmacro %}',
  'models/stg_people.sql':
    "{{ config(materialized='table') }} select * from {{ source('shop', 'raw_people') }} -- depends_on: {{ ref('raw_people') }}",
  'models/people.sql': `select * from {{ ref('stg_people') }} {% if ${bad('people')} %} where no_such_column {% endif %}`,
  'models/totals.sql': `{{ config(materialized='table') }} select {{ 3 if ${bad('unit test')} else 2 }} as id, 'x@shop.example' as email`,
  'models/raw_events.sql':
    "{{ config(materialized='table', event_time='happened_at') }} select 1 as id, timestamp '2026-01-01 01:00:00' as happened_at union all select 2, timestamp '2026-01-02 01:00:00'",
  'models/events.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='happened_at', begin='2026-01-01', batch_size='day') }}
select id, happened_at, 'x@shop.example' as email, {% if ${bad('batch')} %} case when id = 2 then cast(concat('x', id) as integer) end {% else %} 1 {% endif %} as n from {{ ref('raw_events') }}`,
  'models/broken.sql': `{% if ${bad('parse')} %} select * from {{ ref('no_such_model') }} {% else %} select 1 as id {% endif %}`,
  'snapshots/history.yml': {
    snapshots: [
      {
        name: 'history',
        relation: "ref('stg_people')",
        config: {
          unique_key: 'id',
          strategy: 'check',
          check_cols: 'all',
          schema: 'main',
          meta: { hubspot: sync('history') },
        },
      },
    ],
  },
  'models/schema.yml': {
    sources: [
      {
        name: 'shop',
        schema: 'main',
        tables: [{ name: 'raw_people', data_tests: [failsFor('source test')] }],
      },
    ],
    models: [
      { name: 'stg_people', data_tests: [failsFor('upstream test')] },
      {
        name: 'people',
        data_tests: [failsFor('test'), failsFor('mild test', { severity: 'warn' })],
        config: {
          meta: {
            hubspot: [
              sync('people'),
              sync('people_built', { gate: 'build' }),
              sync('people_off', { gate: false }),
              sync('people_upstream', { gate: { upstream: 'all' } }),
              sync('people_staged', { gate: { upstream: ['stg_people'] } }),
              sync('people_raw', { gate: { check: 'build', upstream: ['shop.raw_people'] } }),
            ],
          },
        },
      },
      { name: 'totals', config: { meta: { hubspot: sync('totals') } } },
      { name: 'events', config: { meta: { hubspot: sync('events') } } },
    ],
    unit_tests: [
      { name: 'totals_are_two', model: 'totals', given: [], expect: { rows: [{ id: 2 }] } },
    ],
  },
}

function failsFor(part: string, config: object = {}) {
  const name = `no_bad_${part.replaceAll(' ', '_')}`
  return { fails_for: { name, arguments: { part }, config } }
}
