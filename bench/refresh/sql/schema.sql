-- What the data is made with and told by; not the product's.
create schema bench;

-- A number from 0 up to 1 that looks drawn and is always the same for what it is drawn for.
create function bench.share(number bigint, what integer)
returns double precision
language sql
immutable
parallel safe
return (hashint8extended(number, what) & 16777215) / 16777216.0::double precision;

-- Who a learner is, as far as their rows follow from it.
create table bench.learner (
    id bigint primary key,
    team_id bigint not null,
    -- Somebody never active has no latest_at.
    latest_at timestamptz,
    span interval not null,
    is_diligent boolean not null,
    is_finished boolean not null
);
