{# Numbers as they are read from files and APIs. #}
select
  id,
  cast(joined_ms as {{ 'float64' if target.type == 'bigquery' else 'double precision' }}) as joined_ms
from {{ ref('people') }}
