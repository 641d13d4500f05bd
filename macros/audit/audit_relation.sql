{#-
  A table of Backhaul's as {relation, columns}, or none where no run has made it yet. With `--no-introspect` it counts as made, and its
  columns are none: nobody can be asked.

  Its columns are asked for, and not dbt's cache: while one thread fills that for a schema, another takes what it has found so far for all.

  identifier: its name where it is not the source's own: `state__…`, of which each sync has one
-#}
{% macro audit_relation(table, identifier=none) %}
  {%- set home = source('backhaul', table) -%}
  {%- if not execute -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set relation = home -%}
  {%- if identifier is not none -%}
    {%- set relation = api.Relation.create(database=home.database, schema=home.schema, identifier=identifier).quote(identifier=true) -%}
  {%- endif -%}
  {%- if not backhaul.may_ask() -%}
    {{ return({'relation': relation, 'columns': none}) }}
  {%- endif -%}
  {%- set columns = [] -%}
  {%- for column in adapter.get_columns_in_relation(relation) -%}
    {%- do columns.append(column.name | lower) -%}
  {%- endfor -%}
  {{ return({'relation': relation, 'columns': columns} if columns | length > 0 else none) }}
{% endmacro %}

{#- Whether the warehouse may be asked while dbt compiles. -#}
{% macro may_ask() %}{{ return(execute and flags.INTROSPECT is not false) }}{% endmacro %}
