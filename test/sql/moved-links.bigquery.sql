insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, known_status, audit_old, association, target_object, target_key, target_record_id, labels)
select @p0, n.last_seq + row_number() over (order by l.association, l.row_id, l.target_key), l.row_id, 'associate', 1 = 0,
  l.record_id, l.status, '{"labels":' || l.labels || '}', l.association, l.target_object, l.target_key, l.target_record_id, l.labels
from `marts_backhaul`.`links__contacts` as l
join (
  select row_id, association, target_key from (
    select l.row_id, l.association, l.target_key from `marts_backhaul`.`links__contacts` as l
    join `marts_backhaul`.`plan__contacts` as q on q.run_id = @p1 and q.row_id = l.row_id and q.association is null
    join `marts_backhaul`.`results__contacts` as x on x.run_id = q.run_id and x.seq = q.seq
    where x.outcome = 'succeeded' and x.record_id is not null and x.record_id <> l.record_id and x.seq not in (select seq from (
    select seq, min(owner_row_id) as owner_row_id, min(outcome) as outcome, min(doubtful_values) as doubtful_values from (
      select a.seq, b.row_id as owner_row_id, a.outcome, a.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from `marts_backhaul`.`plan__contacts` as q
      join `marts_backhaul`.`results__contacts` as x on x.run_id = q.run_id and x.seq = q.seq
      left join `marts_backhaul`.`state__contacts` as s on s.row_id = q.row_id
      where q.run_id = @p2 and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as a
      join `marts_backhaul`.`state__contacts` as b on b.record_id = a.record_id and b.row_id <> a.row_id and b.status <> 'left'
      where b.row_id not in (select row_id from `marts_backhaul`.`plan__contacts` where run_id = @p3 and operation in ('leave', 'clear', 'archive') and row_id is not null) and b.row_id not in (select m.row_id from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from `marts_backhaul`.`plan__contacts` as q
      join `marts_backhaul`.`results__contacts` as x on x.run_id = q.run_id and x.seq = q.seq
      left join `marts_backhaul`.`state__contacts` as s on s.row_id = q.row_id
      where q.run_id = @p4 and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as m)
      union all
      select c.seq, c.first_row_id as owner_row_id, c.outcome, c.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from `marts_backhaul`.`plan__contacts` as q
      join `marts_backhaul`.`results__contacts` as x on x.run_id = q.run_id and x.seq = q.seq
      left join `marts_backhaul`.`state__contacts` as s on s.row_id = q.row_id
      where q.run_id = @p5 and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as c where c.first_row_id < c.row_id
    ) as claims
    group by seq
  ) as taken)
    union all
    select l.row_id, l.association, l.target_key from `marts_backhaul`.`links__contacts` as l
    join `marts_backhaul`.`state__vips` as s on s.row_id = l.target_key
    where l.association = @p6 and s.record_id <> l.target_record_id
    union all
    select l.row_id, l.association, l.target_key from `marts_backhaul`.`links__contacts` as l
    join `marts_backhaul`.`state__contacts` as s on s.row_id = l.target_key
    where l.association = @p7 and s.record_id <> l.target_record_id
    union all
    select l.row_id, l.association, l.target_key from `marts_backhaul`.`links__contacts` as l
    join `marts_backhaul`.`plan__contacts` as q on q.run_id = @p8 and q.row_id = l.target_key and q.association is null
    join `marts_backhaul`.`results__contacts` as x on x.run_id = q.run_id and x.seq = q.seq
    where l.association = @p9 and x.outcome = 'succeeded' and x.record_id is not null and x.record_id <> l.target_record_id
  ) as ends group by row_id, association, target_key
) as m on m.row_id = l.row_id and m.association = l.association and m.target_key = l.target_key
left join `marts_backhaul`.`plan__contacts` as d on d.run_id = @p10 and d.row_id = l.row_id and d.association = l.association and d.target_key = l.target_key
cross join (select coalesce(max(seq), 0) as last_seq from `marts_backhaul`.`plan__contacts` where run_id = @p11) as n
where l.status = 'succeeded' and d.seq is null and l.association in (@p12, @p13);
-- ["run-1","run-1","run-1","run-1","run-1","run-1","companies/sync:firm_id","contacts/sync:boss","run-1","contacts/sync:boss","run-1","run-1","companies/sync:firm_id","contacts/sync:boss"]

with link0_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, case when nullif(m.`badge`, '') is null then null when substr(trim(nullif(m.`badge`, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.`badge`, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.`badge`, '')) is not null) then '[[]]' when substr(trim(nullif(m.`badge`, '')), 1, 1) = '[' then nullif(m.`badge`, '') else '[' || nullif(m.`badge`, '') || ']' end as targets, case when nullif(m.`owner`, '') is null then null when substr(trim(nullif(m.`owner`, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.`owner`, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.`owner`, '')) is not null) then '[[]]' when substr(trim(nullif(m.`owner`, '')), 1, 1) = '[' then nullif(m.`owner`, '') else '[' || nullif(m.`owner`, '') || ']' end as labels, nullif(m.`badge`, '') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
  ) as r where targets is not null and row_id is not null
),
link0_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e end as shown, e as element
  from link0_lists as l cross join unnest(json_query_array(l.targets)) as e
),
link0_targets as (
  select row_id, shown, is_malformed, case when trim(target_key, ' ') <> '' then target_key end as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as string) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_contains(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_contains(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when safe_cast(held as float64) = floor(safe_cast(held as float64)) and abs(safe_cast(held as float64)) <= 9007199254740992 then safe_cast(held as float64) end as int64) as string), cast(safe_cast(held as float64) as string)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_value(element, '$.value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_value(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then json_query(element, '$.value') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_contains(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(json_query(element, '$.value'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_contains(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then json_query(element, '$.label') end as own_label
      from link0_elements
    ) as e
  ) as r
),
link0_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link0_targets where target_key is not null or is_malformed = 1) as t cross join unnest(json_query_array(t.labels)) as b
),
link0_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p0)) as e),
link0 as (
  select row_id, @p1 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p2 || '"' || substr(shown, 1, 80) || '"' || @p3
    when substr(label, 1, 1) in ('[', '{') then @p4 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p5 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p6) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
asked_links as (
  select * from link0
),
known as (
  select l.row_id, l.association, l.target_key from `marts_backhaul`.`links__contacts` as l
  join (select row_id from (select cast(m.`customer_id` as string) as row_id from `shop`.`marts`.`hubspot_contacts` as m) as k group by row_id) as m on m.row_id = l.row_id
  where l.association in (@p7) and l.status <> 'left'
)
select k.association as was, a.association as is_now, max(t.total) as total, count(*) as same
from known as k
join (select row_id, association, target_key from asked_links where target_key is not null group by row_id, association, target_key) as a
  on a.row_id = k.row_id and a.target_key = k.target_key
join (select association, count(*) as total from known group by association) as t on t.association = k.association
group by k.association, a.association
order by same desc, was, is_now;
-- ["[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","companies/sync:firm_id"]

merge into `marts_backhaul`.`links__contacts` as t
using (select old_row_id, record_id, @p0 || new_row_id as new_row_id from (
  select s.row_id as old_row_id, s.record_id, k.row_id as new_row_id
  from (
    select row_id, record_id, match_value, row_number() over (partition by match_value order by case when status = 'left' then 1 else 0 end, row_id) as choice
    from `marts_backhaul`.`state__contacts` where match_value is not null
  ) as s
  join (
    select match_value, min(row_id) as row_id from (select cast(m.`customer_id` as string) as row_id, nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value
  from `shop`.`marts`.`hubspot_contacts` as m) as m
    where match_value is not null and row_id is not null group by match_value having count(*) = 1
  ) as k on k.match_value = s.match_value
  where s.choice = 1
) as p) as n
on t.target_key = n.old_row_id and t.target_record_id = n.record_id and t.target_object = @p1 and t.association like '%/sync:%'
when matched then update set target_key = n.new_row_id;
-- ["\u0002","0-1"]

delete from `marts_backhaul`.`links__contacts` where not (substr(target_key, 1, 1) = @p0) and row_id || @p1 || association || @p2 || target_key in (
  select row_id || @p3 || association || @p4 || substr(target_key, 2) from `marts_backhaul`.`links__contacts` where substr(target_key, 1, 1) = @p5);
-- ["\u0002","\u0002","\u0002","\u0002","\u0002","\u0002"]

update `marts_backhaul`.`links__contacts` set target_key = substr(target_key, 2) where substr(target_key, 1, 1) = @p0;
-- ["\u0002"]
