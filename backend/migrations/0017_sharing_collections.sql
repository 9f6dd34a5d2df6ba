-- What leaves the circle of accounts: links to clips, what an account shows of itself, curators' lists.

-- One living link of an account to a clip. The clip's row may go; its links then lead nowhere, and say so.
create table share_link (
    id         uuid primary key default uuidv7(),
    short      text not null unique check (short ~ '^[0-9A-Za-z]{10}$'),
    clip       uuid not null,
    account    uuid not null references account on delete cascade,
    opens      bigint not null default 0 check (opens >= 0), -- how often its page was asked for; not by whom
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz
) with (fillfactor = 80);
create unique index on share_link (clip, account) where revoked_at is null;
create index on share_link (clip, id);
create index on share_link (account);

-- What an account says of itself.
create table profile (
    account uuid primary key references account on delete cascade,
    bio     text not null default '',
    links   text[] not null default '{}' check (cardinality(links) <= 3)
);

-- Clips that stand first in their maker's grid.
create table profile_pin (
    account uuid not null references account on delete cascade,
    place   smallint not null check (place between 1 and 3),
    clip    uuid not null references clip on delete cascade,
    primary key (account, place),
    unique (account, clip)
);
create index on profile_pin (clip);

-- A curator's list of clips.
create table collection (
    id         uuid primary key default uuidv7(),
    account    uuid not null references account on delete cascade,
    short      text not null unique check (short ~ '^[0-9A-Za-z]{10}$'),
    title      text not null,
    about      text not null default '',
    audience   text not null default 'only_me' check (audience in ('only_me', 'friends', 'everyone')),
    items      integer not null default 0 check (items between 0 and 500),
    followers  integer not null default 0 check (followers >= 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
) with (fillfactor = 80);
create index on collection (account, id);

-- Without a reference to the clip: what is gone is still counted, and nothing else is known of it.
create table collection_item (
    collection uuid not null references collection on delete cascade,
    clip       uuid not null,
    place      integer not null,
    added_at   timestamptz not null default now(),
    primary key (collection, clip)
);
create index on collection_item (collection, place, clip);
create index on collection_item (clip);

create table collection_follow (
    account    uuid not null references account on delete cascade,
    collection uuid not null references collection on delete cascade,
    at         timestamptz not null default now(),
    primary key (account, collection)
);
create index on collection_follow (collection);

create function tally_collection() returns trigger language plpgsql as $$
declare
    step integer := case tg_op when 'DELETE' then -1 else 1 end;
    which uuid := case tg_op when 'DELETE' then old.collection else new.collection end;
begin
    if tg_table_name = 'collection_item' then
        update collection set items = items + step, updated_at = now() where id = which;
    else
        update collection set followers = followers + step where id = which;
    end if;
    return null;
end
$$;
create trigger tally_collection_item after insert or delete on collection_item
    for each row execute function tally_collection();
create trigger tally_collection_follow after insert or delete on collection_follow
    for each row execute function tally_collection();

-- Which lists an account may see. Null is whoever has only a link.
create function visible_collection(viewer uuid) returns setof collection language sql stable as $$
    select l.*
    from collection l
    where l.account = viewer or (
        (l.audience = 'everyone' or (l.audience = 'friends' and mutuals(l.account, viewer)))
        and not blocked_between(l.account, viewer)
        and not exists (
            select from report r where r.reporter = viewer and r.subject_type = 'account' and r.subject = l.account
        )
    )
$$;

-- For the figures of makers: what happened to a clip within some days.
create index on clip_view (clip, first_at);
create index on clip_like (clip, at);
create index on use (character, at);

-- The small picture of an account: made by a worker from an upload or from a frame of a clip, and shown until the next.
create table avatar (
    account   uuid primary key references account on delete cascade,
    state     text not null check (state in ('processing', 'ready', 'refused')),
    wish      uuid not null, -- of the newest request: a worker that made an older one finishes nothing
    upload    uuid,
    clip      uuid,
    at_s      real,
    attempts  integer not null default 0,
    refusal   text,
    media_key text,
    sha256    text,
    check (state <> 'processing' or (upload is null) <> (clip is null)),
    check ((state = 'refused') = (refusal is not null)),
    check ((media_key is null) = (sha256 is null)),
    check (state <> 'ready' or media_key is not null)
);
create unique index on avatar (media_key);
