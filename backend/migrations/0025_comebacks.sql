-- The phones of people who were banned, as digests: gone with the ban.
create table banned_device (
    digest  bytea not null,
    measure uuid not null references moderation_measure on delete cascade,
    primary key (digest, measure)
);

create function device_digest(platform text, token text) returns bytea language sql immutable as $$
    select sha256(convert_to(platform || ':' || lower(token), 'UTF8'))
$$;

create function know_devices() returns trigger language plpgsql as $$
begin
    insert into banned_device (digest, measure)
    select device_digest(platform, token), new.id from device where account = new.subject
    on conflict do nothing;
    return null;
end
$$;
create trigger know_devices after insert on moderation_measure
    for each row when (new.kind = 'suspended' and new.until = 'infinity') execute function know_devices();
insert into banned_device (digest, measure)
select distinct device_digest(d.platform, d.token), m.id
from moderation_measure m join device d on d.account = m.subject
where m.kind = 'suspended' and m.until = 'infinity' and m.lifted_at is null;

-- Who may be a banned person come back, and by which sign; said once each.
create table comeback (
    id      uuid primary key default uuidv7(),
    account uuid not null references account on delete cascade,
    banned  uuid not null references account on delete cascade,
    sign    text not null check (sign in ('device', 'invite', 'face')),
    at      timestamptz not null default clock_timestamp(),
    unique (account, banned, sign)
);
create index on comeback (banned);

create function is_banned(who uuid) returns boolean language sql stable as $$
    select exists (
        select from moderation_measure
        where subject_type = 'account' and subject = who and kind = 'suspended' and until = 'infinity'
            and lifted_at is null
    )
$$;
