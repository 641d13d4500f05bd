-- BigQuery's functions as DuckDB says them. translate.py calls them by these names; see deviations.md for why.

-- A list of one is a let: a macro repeats its argument wherever it is named, and these are nested.
create or replace macro bq_in_range(t) as
  list_transform([t], lambda e: case when e >= timestamp '0001-01-01' and e < timestamp '10000-01-01' then e end)[1];

create or replace macro bq_text(x) as list_transform([x], lambda e: case
  when typeof(e) like 'DECIMAL%' and contains(e::varchar, '.') then rtrim(rtrim(e::varchar, '0'), '.')
  when typeof(e) = 'DOUBLE' then regexp_replace(e::varchar, '[.]0$', '')
  else e::varchar end)[1];

create or replace macro bq_printf(f, x) as printf(f, x);
create or replace macro bq_format_datetime(f, x) as strftime(x, f);
create or replace macro bq_format_time(f, x) as x::varchar;

create or replace macro bq_timestamp(x, zone := 'UTC') as timezone('UTC', bq_in_range(timezone('UTC', timezone(zone, x::timestamp))));
create or replace macro bq_datetime(x, zone := 'UTC') as bq_in_range(list_transform([x], lambda e:
  case when typeof(e) = 'TIMESTAMP WITH TIME ZONE' then timezone(zone, e::timestamptz) else e::timestamp end)[1]);
create or replace macro bq_timestamp_add(x, n) as timezone('UTC', bq_in_range(timezone('UTC', x) + to_seconds(n)));
create or replace macro bq_datetime_sub(x, n) as bq_in_range(x - to_seconds(n));
create or replace macro bq_datetime_diff(x, y) as date_diff('second', y, x);
create or replace macro bq_timestamp_millis(n) as timezone('UTC', epoch_ms(n));

create or replace macro bq_regexp_contains(x, p) as regexp_matches(x, p);
create or replace macro bq_regexp_replace(x, p, r) as regexp_replace(x, p, r, 'g');
create or replace macro bq_regexp_extract(x, p, g) as case when regexp_matches(x, p) then regexp_extract(x, p, g) end;
create or replace macro bq_rpad(x, n, c) as rpad(x, n::integer, c);
create or replace macro bq_split(x, s) as string_split(x, s);
create or replace macro bq_array_to_string(a, s) as list_transform([a], lambda e: case when e is not null then coalesce(array_to_string(e, s), '') end)[1];

create or replace macro bq_to_json_string(x) as coalesce(to_json(x)::varchar, 'null');
create or replace macro bq_parse_json(x) as try_cast(x as json);
create or replace macro bq_json_value(j, pointer) as
  case when json_type(j, pointer) not in ('OBJECT', 'ARRAY') then json_extract_string(j, pointer) end;
create or replace macro bq_json_value_array(j) as
  case when json_type(j) = 'ARRAY' and not coalesce(list_bool_or(list_transform(json_extract(j, '$[*]'), lambda e: json_type(e) in ('OBJECT', 'ARRAY'))), false)
    then json_extract_string(j, '$[*]') end;

create or replace macro bq_json_query(j, path) as nullif(json_extract(j, path)::varchar, 'null');
create or replace macro bq_json_query_array(j) as case when json_type(j) = 'ARRAY' then json_extract(j, '$[*]')::varchar[] end;

create or replace macro bq_farm_fingerprint(x) as (hash(x) >> 1)::bigint;
create or replace macro bq_sha256(x) as unhex(sha256(x));
create or replace macro bq_to_hex(x) as lower(hex(x));
create or replace macro bq_is_nan(x) as isnan(x);
create or replace macro bq_is_inf(x) as isinf(x);
