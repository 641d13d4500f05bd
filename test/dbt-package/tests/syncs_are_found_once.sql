{# Of a model with versions the latest; a block that is none is passed over. #}
{%- set found = (backhaul.syncs_of_project() if execute else []) | map(attribute='name') | list %}
select {{ backhaul.text_literal(found | join(', ')) }} as found
from (select 1 as one) as nothing
where {{ backhaul.text_literal(found | join(', ')) }} <> 'of_the_latest'
