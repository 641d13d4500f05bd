{# What differs from seeds/expected_values.csv, one row per value. #}
{%- for column in ['joined_ms', 'born_ms', 'liked', 'joined_colours', 'colours_of_roles'] %}
select expected.id, '{{ column }}' as what
from {{ ref('expected_values') }} as expected
left join {{ ref('helper_values') }} as actual on actual.id = expected.id
where coalesce(cast(actual.{{ column }} as {{ dbt.type_string() }}), '-') <> coalesce(cast(expected.{{ column }} as {{ dbt.type_string() }}), '-')
{{ 'union all' if not loop.last }}
{%- endfor %}
