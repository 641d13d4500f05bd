{#-
  Says at the end of a build how the models of syncs came out, and how the last run of each sync ended. Opt-in:

    on-run-end: "{{ backhaul.summary(results) }}"

  It asks the warehouse one question and writes nothing.
-#}
{% macro summary(results) %}
  {%- if execute and results | length > 0 -%}
    {%- set syncs = backhaul.syncs_of_project() -%}
    {%- set outcomes = backhaul.build_outcomes(results) -%}
    {%- set runs = backhaul.last_runs() if syncs | length > 0 else {} -%}
    {%- for sync in syncs | sort(attribute='name') if sync.node in outcomes.built or sync.node in outcomes.held -%}
      {%- set reason = outcomes.held.get(sync.node) -%}
      {%- set build = ('held, ' ~ reason) if reason is not none else 'built' -%}
      {%- do log('Backhaul: ' ~ sync.name ~ ' (' ~ sync.model ~ '): ' ~ build ~ '; ' ~ runs.get(sync.name, 'has not run yet'), info=true) -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{#- The enabled syncs on models, seeds, snapshots and exposures, as {name, node, model}. -#}
{% macro syncs_of_project() %}
  {%- set syncs = [] -%}
  {#- Of a model with versions the latest is synced. -#}
  {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed', 'snapshot'] and node.get('version') == node.get('latest_version') -%}
    {%- for block in backhaul.sync_blocks(node) -%}
      {%- do syncs.append({'name': block.get('sync', node.name), 'node': node.unique_id, 'model': node.name}) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- for exposure in graph.exposures.values() -%}
    {%- set parents = exposure.depends_on.nodes -%}
    {%- if parents | length == 1 and parents[0] in graph.nodes -%}
      {%- for block in backhaul.sync_blocks(exposure) -%}
        {%- set node = graph.nodes[parents[0]] -%}
        {%- do syncs.append({'name': block.get('sync', node.name), 'node': node.unique_id, 'model': node.name}) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(syncs) }}
{% endmacro %}

{% macro sync_blocks(node) %}
  {%- set meta = (node.get('config', {}).get('meta') or {}) -%}
  {%- set value = meta.get('hubspot') or (node.get('meta') or {}).get('hubspot') or [] -%}
  {%- set blocks = [] -%}
  {#- What is no sync `backhaul validate` refuses: a hook must not end a build for it. -#}
  {%- for block in ([value] if value is mapping else value if value is sequence else []) if block is mapping and block.get('enabled', true) -%}
    {%- do blocks.append(block) -%}
  {%- endfor -%}
  {{ return(blocks) }}
{% endmacro %}

{#- Which nodes were built, and why others are held: as {built: [node], held: {node: reason}}. -#}
{% macro build_outcomes(results) %}
  {%- set built = [] -%}
  {%- set held = {} -%}
  {%- for result in results -%}
    {%- set node = result.node -%}
    {%- set status = result.status | string -%}
    {%- if node.resource_type in ['model', 'seed', 'snapshot'] -%}
      {%- if status in ['success', 'reused', 'warn'] -%}
        {%- do built.append(node.unique_id) -%}
      {%- else -%}
        {%- do held.update({node.unique_id: 'dbt says ' ~ status}) -%}
      {%- endif -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for result in results if (result.status | string) in ['fail', 'error', 'runtime error', 'skipped'] -%}
    {%- set node = result.node -%}
    {%- set ended = ' was skipped' if (result.status | string) == 'skipped' else ' failed' -%}
    {%- if node.resource_type in ['test', 'unit_test'] -%}
      {%- set attached = node.attached_node -%}
      {%- for tested in ([attached] if attached else node.depends_on.nodes) if tested not in held -%}
        {%- do held.update({tested: node.name ~ ended}) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return({'built': built, 'held': held}) }}
{% endmacro %}

{#- How the last run of each sync ended, in words, by its name. -#}
{% macro last_runs() %}
  {%- set words = {} -%}
  {%- set runs = backhaul.audit_relation('runs') -%}
  {%- if runs is not none and backhaul.may_ask() -%}
    {%- set counted = {'rows_created': 'created', 'rows_updated': 'updated', 'rows_rejected': 'rejected', 'rows_pending': 'pending'} -%}
    {%- set query -%}
      select
        sync_name,
        status,
        ({{ backhaul.epoch_ms(dbt.current_timestamp()) }} - {{ backhaul.epoch_ms('started_at') }}) / 3600000.0 as hours,
        {{ counted | join(', ') }}
      from {{ runs.relation }}
      where run_id in (select max(run_id) from {{ runs.relation }} group by sync_name)
    {%- endset -%}
    {%- for row in run_query(query).rows -%}
      {%- set counts = [] -%}
      {%- for name in counted.values() -%}
        {%- set count = row[2 + loop.index] -%}
        {%- if count -%}{%- do counts.append((count | int | string) ~ ' ' ~ name) -%}{%- endif -%}
      {%- endfor -%}
      {%- set outcome = row[1] ~ ((' (' ~ counts | join(', ') ~ ')') if counts else '') -%}
      {%- do words.update({row[0]: 'last run ' ~ outcome ~ ', ' ~ ('%.1f' | format(row[2] | float)) ~ ' hours ago'}) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(words) }}
{% endmacro %}
