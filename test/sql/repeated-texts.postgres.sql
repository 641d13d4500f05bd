merge into "marts_backhaul"."plan__contacts" as t
using (
  select texts.row_id, $1 || '"' || substr(repeated0, 1, 80) || '"' || $2 || case when first_row0 = texts.row_id then last_row0 else first_row0 end || ' of the model has it, too' as reason_message
  from (
    select row_id, nullif(nullif((opened ->> $3::text), ''), $4) as v0 from (
      select row_id, (new_values)::jsonb as opened from "marts_backhaul"."plan__contacts" where run_id = $5 and operation in ('create', 'update', 'upsert', 'refresh')
    ) as read_rows
  ) as texts
  join (
    select v0 as repeated0, min(row_id) as first_row0, max(row_id) as last_row0
    from (
    select row_id, nullif(nullif((opened ->> $6::text), ''), $7) as v0 from (
      select row_id, (new_values)::jsonb as opened from "marts_backhaul"."plan__contacts" where run_id = $8 and operation in ('create', 'update', 'upsert', 'refresh')
    ) as read_rows
    union all
    select row_id, nullif(nullif((opened ->> $9::text), ''), $10) as v0 from (
      select row_id, (sent_values)::jsonb as opened from "marts_backhaul"."state__contacts" where status <> 'left'
        and row_id not in (select q.row_id from "marts_backhaul"."plan__contacts" as q where q.run_id = $11 and q.row_id is not null)
    ) as read_rows
    ) as known
    where v0 is not null group by v0 having count(distinct row_id) > 1
  ) as repeats on repeats.repeated0 = texts.v0
) as n
on t.run_id = $12 and t.row_id = n.row_id and t.operation in ('create', 'update', 'upsert', 'refresh')
when matched then update set operation = 'reject', reason = 'invalid_value', reason_detail = $13,
  reason_message = n.reason_message, dropped_properties = null;
-- ["salutation: "," must be unique, and row ","salutation","\u0001","run-1","salutation","\u0001","run-1","salutation","\u0001","run-1","run-1","[\"salutation\"]"]
