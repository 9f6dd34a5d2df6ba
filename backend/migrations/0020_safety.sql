-- Words that were refused: counted by rule, and kept only where their writer sends them again with an appeal.
create table refusal (
    id          uuid primary key,
    account     uuid not null references account on delete cascade,
    place       text not null check (place in ('clip', 'said', 'name')),
    rule        text not null,
    category    text not null,
    version     text not null, -- of the table of rules
    digest      bytea not null, -- SHA-256 of account and folded words
    at          timestamptz not null default clock_timestamp(),
    quoted      text,
    words       text,
    appealed_at timestamptz,
    outcome     text check (outcome in ('upheld', 'overturned')),
    answer      text,
    decided_by  uuid references account on delete set null,
    decided_at  timestamptz,
    check ((appealed_at is null) = (quoted is null) and (appealed_at is null) = (words is null)),
    check ((outcome is null) = (decided_at is null) and (outcome is null or appealed_at is not null))
);
create index on refusal (account, digest) where outcome = 'overturned';
create index on refusal (id) where appealed_at is not null and outcome is null;
create index on refusal (at);
