merge into `marts_backhaul`.`plan__contacts` as p
using (
  select seq, new_values, changed_properties, doubtful_values, audit_old, audit_new from `marts_backhaul`.`resolutions__contacts` where run_id = @p0 and changed_properties is not null
) as r
on p.run_id = @p1 and p.seq = r.seq and p.operation = 'update' and p.record_id is not null
when matched then update set new_values = r.new_values, changed_properties = r.changed_properties, doubtful_values = r.doubtful_values, audit_old = r.audit_old, audit_new = r.audit_new,
  operation = case when r.changed_properties = '[]' then 'refresh' else p.operation end;
-- ["run-1","run-1"]
