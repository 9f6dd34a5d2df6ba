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
