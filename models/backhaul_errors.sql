select
  sync_name,
  status,
  error_category,
  count(*) as row_count,
  min(row_id) as example_row_id,
  min(error_message) as example_message,
  min(updated_at) as first_updated_at,
  max(updated_at) as last_updated_at
from {{ ref('backhaul_rows') }}
where error_category is not null
group by sync_name, status, error_category
