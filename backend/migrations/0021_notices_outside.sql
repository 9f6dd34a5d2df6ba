-- What people without an account ask to be taken away, signed; its receipt opens where it stands.
create table outside_notice (
    id         uuid primary key default uuidv7(),
    receipt    bytea not null unique, -- SHA-256 of the secret in the link
    kind       text not null check (kind in ('intimate', 'likeness', 'copyright', 'illegal')),
    words      text not null,
    signature  text not null,
    email      text not null,
    address    text not null, -- keyed hash
    created_at timestamptz not null default clock_timestamp(),
    due_at     timestamptz not null
);
create index on outside_notice (due_at);

-- Each clip it names, and its copies, with the report that stands in the queue.
create table outside_notice_clip (
    notice uuid not null references outside_notice on delete cascade,
    clip   uuid not null,
    report uuid not null references report,
    named  boolean not null, -- by the notice itself; else a copy of what was
    primary key (notice, clip)
);
create index on outside_notice_clip (clip);

-- Files that were taken away for good cause: they do not come back by another upload or another take, whatever becomes of
-- the clip they were first seen in. Lives as long as the removal is not lifted.
create table known_file (
    sha256  text not null,
    measure uuid not null references moderation_measure on delete cascade,
    primary key (sha256, measure)
);

create function know_file() returns trigger language plpgsql as $$
begin
    insert into known_file (sha256, measure)
    select c.media -> 'video' ->> 'sha256', new.id from clip c
    where c.id = new.subject and c.media -> 'video' ->> 'sha256' is not null and exists (
        select from report r where r.subject_type = 'clip' and r.subject = new.subject
            and (r.source = 'notice' or r.reason in ('child_safety', 'non_consensual_intimate'))
    )
    on conflict do nothing;
    return null;
end
$$;
create trigger know_file after insert on moderation_measure
    for each row when (new.subject_type = 'clip' and new.kind = 'removed') execute function know_file();
