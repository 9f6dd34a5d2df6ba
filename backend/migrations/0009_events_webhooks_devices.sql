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
