merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, record_id, asked_at, matches, all_ids, unsettled_row_id, coalesce(owner_row_id, case when first_row_id <> row_id then first_row_id end) as owner_row_id,
    case when asked_at is null then 'refused' when unsettled_row_id is not null then 'unsettled' when matches = 0 then 'absent' when matches > 1 then 'several'
      when claim is not null then claim when first_row_id <> row_id then 'taken' else 'found' end as verdict
  from (
    select summed.*, first_value(row_id) over (partition by record_id order by seq) as first_row_id
    from (
      select seq, row_id, max(asked_at) as asked_at,
        count(distinct case when claim <> 'moved' then record_id end) as matches,
        min(case when claim <> 'moved' then record_id end) as record_id,
        min(record_id) || ', ' || max(record_id) || case when count(distinct record_id) > 2
          then ' and ' || cast(count(distinct record_id) - 2 as varchar) || ' more' else '' end as all_ids,
        min(case when claim in ('held', 'taken') then claim end) as claim,
        min(case when claim in ('held', 'taken') then owner_row_id end) as owner_row_id, min(unsettled_row_id) as unsettled_row_id
      from (
    select c.seq, c.row_id, c.record_id, c.asked_at, coalesce(o.row_id, z.row_id) as owner_row_id,
      case when c.record_id is null then 'free'
        when z.row_id is not null and (o.row_id is null or q.operation in ('leave', 'clear', 'archive')) then 'taken'
        when o.row_id is null or q.operation in ('leave', 'clear', 'archive') then 'free'
        when q.operation = 'update' and q.match_value <> c.match_value then 'moved'
        when o.match_value <> c.match_value and (o.last_synced_at + to_milliseconds($1)) >= (select uuid_extract_timestamp(uuidv7())) then 'moved'
        when o.match_value = c.match_value then 'held'
        else 'taken' end as claim,
      u.row_id as unsettled_row_id
    from (
      select p.seq, p.row_id, p.match_value, x.record_id, x.asked_at
      from "marts_backhaul"."resolutions__contacts" as x join "marts_backhaul"."plan__contacts" as p on p.run_id = x.run_id and p.seq = x.seq
      where x.run_id = $2
      union all
      select p.seq, p.row_id, p.match_value, s.record_id, cast(null as timestamptz) as asked_at
      from (select distinct seq from "marts_backhaul"."resolutions__contacts" where run_id = $3) as y
      join "marts_backhaul"."plan__contacts" as p on p.run_id = $4 and p.seq = y.seq
      join "marts_backhaul"."state__contacts" as s on s.match_value = p.match_value and s.row_id <> p.row_id
      where s.record_id is not null and (s.last_synced_at + to_milliseconds($5)) >= (select uuid_extract_timestamp(uuidv7()))
      union all
      select p.seq, p.row_id, p.match_value, s.record_id, cast(null as timestamptz) as asked_at
      from (select distinct seq from "marts_backhaul"."resolutions__contacts" where run_id = $6) as y
      join "marts_backhaul"."plan__contacts" as p on p.run_id = $7 and p.seq = y.seq
      join "marts_backhaul"."state__more" as s on s.match_value = p.match_value
      where s.record_id is not null and (s.last_synced_at + to_milliseconds($8)) >= (select uuid_extract_timestamp(uuidv7()))
    ) as c
    left join "marts_backhaul"."state__contacts" as o on o.record_id = c.record_id and o.status <> 'left' and o.row_id <> c.row_id
    left join "marts_backhaul"."plan__contacts" as q on q.run_id = $9 and q.row_id = o.row_id and q.operation in ('update', 'leave', 'clear', 'archive')
    left join "marts_backhaul"."plan__contacts" as z on z.run_id = $10 and z.operation in ('update', 'adopt') and z.record_id = c.record_id
      and z.row_id <> c.row_id and (o.row_id is null or z.row_id <> o.row_id)
    left join "marts_backhaul"."plan__contacts" as u on u.run_id <> $11 and u.operation = 'create' and u.match_value = c.match_value and u.row_id <> c.row_id
      ) as judged
      group by seq, row_id
    ) as summed
  ) as ranked
) as r
on p.run_id = $12 and p.seq = r.seq
when matched then update set
  record_id = case when r.verdict = 'found' or (p.operation = 'create' and r.matches = 1) then r.record_id end,
  absent_at = case when r.verdict = 'absent' then r.asked_at end,
  reason = case when (p.operation = 'create' and r.verdict not in ('absent', 'unsettled', 'refused') or p.operation = 'update' and r.verdict = 'absent') then case p.operation when 'create' then 'record_exists' else 'no_record' end
    when (p.operation = 'upsert' and r.verdict in ('held', 'unsettled')) then 'match_value_held'
    when r.verdict = 'unsettled' then 'match_value_held'
    when r.verdict = 'several' then 'ambiguous_match'
    when r.verdict = 'refused' then 'unsearchable'
    when r.verdict in ('taken', 'held') then 'record_taken' end,
  reason_detail = case when r.verdict = 'several' then r.all_ids when r.verdict = 'unsettled' then r.unsettled_row_id
    when (p.operation = 'upsert' and r.verdict in ('held', 'unsettled')) then r.owner_row_id when r.verdict in ('taken', 'held') then r.owner_row_id end,
  operation = case when (p.operation = 'create' and r.verdict not in ('absent', 'unsettled', 'refused') or p.operation = 'update' and r.verdict = 'absent') then 'skip'
    when (p.operation = 'upsert' and r.verdict in ('held', 'unsettled')) then p.operation
    when r.verdict in ('several', 'taken', 'held', 'unsettled', 'refused') then 'reject'
    when p.operation = 'upsert' and r.verdict = 'found' then 'update'
    when p.operation = 'upsert' and r.verdict = 'absent' then 'create'
    else p.operation end;
-- [600000,"run-1","run-1","run-1",600000,"run-1","run-1",600000,"run-1","run-1","run-1","run-1"]
