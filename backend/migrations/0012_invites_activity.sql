-- Who joined with which code.
create table invite_acceptance (
    account uuid primary key references account on delete cascade,
    code    text not null references invite on delete cascade,
    at      timestamptz not null default now()
);
create index on invite_acceptance (code);
create index on invite (issuer);
create index on account (invited_by) where invited_by is not null;

-- How many codes an account may have that are good or were used; operators can raise it.
alter table account add column invites_allowed integer not null default 4 check (invites_allowed >= 0);

-- On which days (UTC) an account was here.
create table account_activity (
    account uuid not null references account on delete cascade,
    day     date not null,
    primary key (account, day)
);

-- Lists of people are in the order of their ids.
create index on follow (followed, follower);
drop index follow_followed_idx;

-- Suggested, and not wanted.
create table suggestion_dismissed (
    account uuid not null references account on delete cascade,
    other   uuid not null references account on delete cascade,
    primary key (account, other)
);
