-- Live events (docs/decisions/0022). What an account is told, numbered in the order of commits, kept for three days.

create table event (
    id      bigint generated always as identity primary key,
    seq     bigint unique, -- null only before the commit of whoever tells it
    account uuid not null references account on delete cascade,
    kind    text not null,
    about   jsonb not null, -- public ids
    at      timestamptz not null default clock_timestamp()
);
create index on event (account, seq);
create index on event (at);
create sequence event_seq;

-- Runs at commit, one transaction after the other, as their NOTIFYs do: whoever sees a number sees all before it.
create function number_event() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('castmate event'));
    update event set seq = nextval('event_seq') where id = new.id;
    perform pg_notify('castmate_event', json_build_object('account', account, 'seq', seq)::text)
    from event where id = new.id;
    return null;
end
$$;
create constraint trigger number_event after insert on event deferrable initially deferred
    for each row execute function number_event();

-- Up to which number events were forgotten.
create table event_forgotten (
    only_one boolean primary key default true check (only_one),
    upto     bigint not null
);
insert into event_forgotten (upto) values (0);

-- Somebody may see less than before: the streams of these accounts and clips look again. Arguments: column names.
create function tell_access() returns trigger language plpgsql as $$
declare
    changed jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
    for at in 0 .. tg_nargs - 1 loop
        perform pg_notify('castmate_access', changed ->> tg_argv[at]);
    end loop;
    return null;
end
$$;
create trigger tell_access_of_block after insert on block for each row execute function tell_access('blocker', 'blocked');
create trigger tell_access_of_follow after delete on follow
    for each row execute function tell_access('follower', 'followed');
create trigger tell_access_of_report after insert on report for each row execute function tell_access('reporter');
create trigger tell_access_of_deleted_clip after delete on clip for each row execute function tell_access('id');
create trigger tell_access_of_clip after update of audience, removed_at, hidden_at on clip for each row
    when (old.audience <> new.audience or new.removed_at is not null or new.hidden_at is not null)
    execute function tell_access('id');
create trigger tell_access_of_deleted_account after delete on account for each row execute function tell_access('id');
create trigger tell_access_of_revoked_key after update of revoked_at on api_key for each row
    when (new.revoked_at is not null) execute function tell_access('account');
create trigger tell_access_of_suspended after update of suspended_at on account for each row
    when (new.suspended_at is not null) execute function tell_access('id');

-- A device that was signed out: its own streams end, the account's others are told.
create function tell_session_ended() returns trigger language plpgsql as $$
begin
    perform pg_notify('castmate_access', new.account::text);
    insert into event (account, kind, about) values (new.account, 'session', jsonb_build_object(
        'id', 'sess_' || replace(new.id::text, '-', ''), 'device', new.device, 'because', new.ended_because));
    return null;
end
$$;
create trigger tell_session_ended after update of ended_at on session for each row
    when (old.ended_at is null and new.ended_at is not null) execute function tell_session_ended();

-- What is sent out (docs/decisions/0023). The relay stands at this number: what is due of events up to here is made.
create table event_relayed (
    only_one boolean primary key default true check (only_one),
    upto     bigint not null
);
insert into event_relayed (upto) values (0);

create table webhook (
    id            uuid primary key default uuidv7(),
    account       uuid not null references account on delete cascade,
    url           text not null,
    events        text[] not null check (events <@ array['video.completed', 'video.failed'] and events <> '{}'),
    created_at    timestamptz not null default now(),
    failing_since timestamptz, -- null: the last delivery arrived
    disabled_at   timestamptz,
    disabled_because text check (disabled_because in ('failing', 'gone')),
    check ((disabled_at is null) = (disabled_because is null))
);
create index on webhook (account, id);

-- Wrapped with the master key, as characters' keys are. After a rotation the one before signs too, until it expires.
create table webhook_secret (
    webhook    uuid not null references webhook on delete cascade,
    version    integer not null,
    wrapped    bytea not null,
    expires_at timestamptz, -- null: the newest
    primary key (webhook, version)
);

create table webhook_delivery (
    id         uuid primary key default uuidv7(),
    webhook    uuid not null references webhook on delete cascade,
    event      uuid not null, -- webhook-id: the same for every attempt, and at every endpoint
    kind       text not null,
    body       text not null, -- what is signed
    state      text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    attempts   integer not null default 0,
    next_at    timestamptz not null default now(),
    last_status integer,
    last_error text,
    created_at timestamptz not null default now(),
    ended_at   timestamptz,
    check ((state = 'waiting') = (ended_at is null)),
    unique (webhook, event)
);
create index on webhook_delivery (webhook, id);
create index on webhook_delivery (id) where state = 'waiting';
create index on webhook_delivery (ended_at) where ended_at is not null;

-- Phones. A token belongs to whoever signed in on that phone last.
create table device (
    account    uuid not null references account on delete cascade,
    id         text not null, -- the app's own name for its installation
    platform   text not null check (platform in ('ios', 'android')),
    token      text not null,
    sandbox    boolean not null default false, -- of a development build: Apple has other servers for them
    details    boolean not null default false, -- its owner wants to read handles and words on a locked screen
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account, id),
    unique (platform, token)
);

-- Messages on their way; gone once they are sent or given up.
create table push (
    id         uuid primary key default uuidv7(),
    account    uuid not null,
    device     text not null,
    message    jsonb not null,
    attempts   integer not null default 0,
    next_at    timestamptz not null default now(),
    created_at timestamptz not null default now(),
    foreign key (account, device) references device on delete cascade
);
create index on push (account, device);
