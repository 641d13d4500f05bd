{# Whatever space the engine leaves in JSON. #}
{%- set wanted = [
  [1, 'companies', '[{"value":"10","label":"Say \\"when\\""},{"value":"10","label":null},{"value":"20","label":"Buyer"}]'],
  [2, 'companies', '[{"value":"30","label":null}]'],
  [3, 'companies', none],
  [4, 'companies', none],
  [1, 'unlabelled_companies', '[{"value":"10","label":null},{"value":"10","label":null},{"value":"20","label":null}]'],
  [6, 'self', '{"value":"6","label":"it' ~ "'" ~ 's"}'],
  [5, 'self', '{"value":"5","label":null}'],
  [5, 'self_by_literal', '{"value":"5","label":"Buyer"}'],
  [5, 'self_unlabelled', '{"value":"5","label":null}']
] -%}
{%- for id, column, text in wanted %}
select id, '{{ column }}' as what, {{ column }} as got
from {{ ref('helper_values') }}
where id = {{ id }}
  and coalesce(replace(replace({{ column }}, ' ', ''), 'Say', 'Say '), '-')
    <> {{ backhaul.text_literal(text if text is not none else '-') }}
{{ 'union all' if not loop.last }}
{%- endfor %}
