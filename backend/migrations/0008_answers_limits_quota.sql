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
