{{ config(materialized='table') }}
{%- set lists = {
  'bigquery': ["['red', 'blue']", "['a;b', 'red']", 'cast(null as array<string>)'],
  'snowflake': ["array_construct('red', 'blue')", "array_construct('a;b', 'red')", 'cast(null as array)']
}.get(target.type, ["array['red', 'blue']", "array['a;b', 'red']", 'null']) %}

select 1 as id, {{ lists[0] }} as colours
union all
select 2 as id, {{ lists[1] }} as colours
union all
select 3 as id, {{ lists[2] }} as colours
