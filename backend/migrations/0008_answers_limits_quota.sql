-- What a POST with an Idempotency-Key answered: given again for 24 h to whoever repeats it.
-- name: a hash of the key with its account, or with address and route. secret: body is sealed, and emptied after 10 minutes.
create table kept_answer (
    name           bytea primary key,
    account        uuid references account on delete cascade,
    request_sha256 bytea not null,
    status         integer not null,
    headers        jsonb not null,
    body           bytea not null,
    secret         boolean not null,
    forgotten      boolean not null default false,
    kept_at        timestamptz not null default now(),
    check (not forgotten or (secret and body = ''))
);
create index on kept_answer (kept_at);
create index on kept_answer (account);

-- Requests counted for rate limits: one row per class and account, API key or address, for the window it was last seen in.
-- Unlogged: after a crash of the database everybody starts with a full allowance.
create unlogged table rate_count (
    subject   text primary key,
    window_no bigint not null, -- Unix time / the length of the window
    ends_at   timestamptz not null,
    count     bigint not null
) with (fillfactor = 70);
create index on rate_count (ends_at);

-- Clips a day, in the account's own time zone, and extra credits. Every movement is an entry, and entries are never changed:
-- their sums are what the pots hold (view quota_imbalance).
alter table account add column time_zone text not null default 'UTC';

-- The day that was last opened for an account; one row each, and the lock under which its quota moves.
create table quota_day_open (
    account   uuid primary key references account on delete cascade,
    begins_at timestamptz not null,
    ends_at   timestamptz not null,
    used      integer not null check (used >= 0),
    check (begins_at < ends_at)
);

create table credit (
    id         uuid primary key default uuidv7(),
    account    uuid not null references account on delete cascade,
    amount     integer not null check (amount > 0),
    remaining  integer not null check (remaining between 0 and amount),
    reason     text not null,
    granted_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index on credit (account, expires_at) where remaining > 0;

-- amount: what it adds to what is left. day: the begin of the day it belongs to; otherwise it belongs to a credit.
-- carried: what had been used on the day when this ledger was begun.
create table quota_entry (
    id       uuid primary key default uuidv7(),
    account  uuid not null references account on delete cascade,
    kind     text not null check (kind in ('debit', 'refund', 'grant', 'expiry', 'carried')),
    amount   integer not null check (amount <> 0),
    day      timestamptz,
    credit   uuid references credit on delete cascade,
    reverses uuid unique references quota_entry on delete cascade, -- a debit is refunded once
    at       timestamptz not null default clock_timestamp(),
    check ((day is null) <> (credit is null)),
    check ((kind = 'refund') = (reverses is not null)),
    check ((amount > 0) = (kind in ('refund', 'grant')))
);
create index on quota_entry (account, day);
create index on quota_entry (credit);

alter table clip add column debit uuid;
update clip set debit = uuidv7() where status in ('queued', 'in_progress');
insert into quota_entry (id, account, kind, amount, day)
select debit, account, 'debit', -1, debited_on::timestamp at time zone 'UTC' from clip where debit is not null;
insert into quota_entry (account, kind, amount, day)
select d.account, 'carried', running.entries - d.used, d.day::timestamp at time zone 'UTC'
from quota_day d
cross join lateral (
    select count(*) as entries from clip c where c.account = d.account and c.debited_on = d.day and c.debit is not null
) running
where d.used > running.entries;
insert into quota_day_open (account, begins_at, ends_at, used)
select account, day, day + interval '1 day', -sum(amount)
from quota_entry where day = date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'
group by account, day;
alter table clip drop column debited_on;
alter table clip add foreign key (debit) references quota_entry on delete set null;
create index on clip (debit);
drop table quota_day;

-- Where a pot does not hold what its entries say; nothing, always.
create view quota_imbalance as
select account, 'day' as pot, -used as holds, coalesce(
    (select sum(amount) from quota_entry e where e.account = d.account and e.day = d.begins_at), 0
) as entries
from quota_day_open d
where -used <> coalesce(
    (select sum(amount) from quota_entry e where e.account = d.account and e.day = d.begins_at), 0
)
union all
select account, 'credit', remaining, coalesce((select sum(amount) from quota_entry e where e.credit = c.id), 0)
from credit c
where remaining <> coalesce((select sum(amount) from quota_entry e where e.credit = c.id), 0);
