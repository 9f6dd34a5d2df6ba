-- Every handle that is somebody's: the one borne now (until is null), and old ones for 30 days after a change.
-- The primary key is what makes a handle one person's; account.handle is what everybody reads.
create table account_handle (
    handle  citext primary key,
    account uuid not null references account on delete cascade,
    until   timestamptz
);
create unique index on account_handle (account) where until is null;
insert into account_handle (handle, account) select handle, id from account;

create function keep_handle() returns trigger language plpgsql as $$
begin
    delete from account_handle where handle = new.handle and until <= now();
    if tg_op = 'UPDATE' and old.handle <> new.handle then
        update account_handle set until = now() + interval '30 days' where account = new.id and until is null;
    end if;
    insert into account_handle as h (handle, account) values (new.handle, new.id)
    on conflict (handle) do update set until = null where h.account = excluded.account;
    if not found then
        raise unique_violation using message = 'the handle is somebody else''s', constraint = 'account_handle_pkey';
    end if;
    return null;
end
$$;
create trigger keep_handle after insert or update of handle on account for each row execute function keep_handle();

-- Whose handle this is, or was until lately.
create function account_of_handle(wanted text) returns uuid language sql stable as $$
    select account from account_handle where handle = wanted::citext and (until is null or until > now())
$$;

alter table account alter column password_hash drop not null;
alter table account add column suspended_at timestamptz;
alter table account add column suspended_because text check (suspended_because in ('guardian', 'staff'));
alter table account add check ((suspended_at is null) = (suspended_because is null));

-- A session is one device that is signed in, and the family of its refresh tokens.
create table session (
    id            uuid primary key default uuidv7(),
    account       uuid not null references account on delete cascade,
    device        text not null,
    means         text not null check (means in ('password', 'passkey', 'oidc')),
    signed_in_at  timestamptz not null default now(),
    last_used_at  timestamptz not null default now(),
    expires_at    timestamptz not null,
    ended_at      timestamptz,
    ended_because text check (
        ended_because in ('signed_out', 'revoked', 'replayed', 'password_changed', 'recovered', 'suspended')
    ),
    check ((ended_at is null) = (ended_because is null))
);
create index on session (account, id) where ended_at is null;

-- next_salt: with the token itself it gives its successor; kept while a lost answer may be asked for again.
create table refresh_token (
    sha256    bytea primary key,
    session   uuid not null references session on delete cascade,
    used_at   timestamptz,
    next_salt bytea
);
create index on refresh_token (session);

-- Wrong passwords and codes, by a keyed hash of the account or the address that was named.
create table attempt (
    subject  bytea primary key,
    failures integer not null,
    last_at  timestamptz not null default now()
);
create index on attempt (last_at);

-- How long nobody may try again: `free` failures cost nothing, then 1 s, doubling up to 15 minutes.
create function attempt_pause(failures integer, free integer) returns interval language sql immutable as $$
    select make_interval(secs => case when failures < free then 0 else least(900, 2 ^ least(failures - free, 10)) end)
$$;

create table passkey (
    id           uuid primary key default uuidv7(),
    account      uuid not null references account on delete cascade,
    credential   bytea not null unique,
    public_key   bytea not null,
    sign_count   bigint not null,
    name         text not null,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz
);
create index on passkey (account);

create table passkey_challenge (
    challenge  bytea primary key,
    account    uuid references account on delete cascade, -- null: for signing in
    expires_at timestamptz not null
);
create index on passkey_challenge (expires_at);

create table oidc_identity (
    provider  text not null,
    subject   text not null,
    account   uuid not null references account on delete cascade,
    linked_at timestamptz not null default now(),
    primary key (provider, subject),
    unique (account, provider)
);

-- The second factor (RFC 6238). `step`: the last time step whose code was used, so that none works twice.
create table totp (
    account      uuid primary key references account on delete cascade,
    sealed       bytea not null,
    step         bigint not null default 0,
    created_at   timestamptz not null default now(),
    confirmed_at timestamptz
);

create table recovery_address (
    account     uuid primary key references account on delete cascade,
    address     citext not null unique,
    verified_at timestamptz not null
);

create table recovery_code (
    account uuid not null references account on delete cascade,
    digest  bytea not null,
    used_at timestamptz,
    primary key (account, digest)
);

-- The newest code that was mailed, by what it is for.
create table mailed_code (
    account    uuid not null references account on delete cascade,
    purpose    text not null check (purpose in ('verify', 'recover')),
    address    citext not null,
    digest     bytea not null,
    tries      integer not null default 0,
    mailed_at  timestamptz not null default now(),
    expires_at timestamptz not null,
    primary key (account, purpose)
);

create table guardian_link (
    young         uuid not null references account on delete cascade,
    guardian      uuid not null references account on delete cascade,
    daily_clips   integer check (daily_clips >= 0),
    clip_audience text check (clip_audience in ('only_me', 'friends', 'everyone')),
    asked_at      timestamptz not null default now(),
    confirmed_at  timestamptz,
    primary key (young, guardian),
    check (young <> guardian)
);
create index on guardian_link (guardian);
