-- What the feed reads (docs/decisions/0027), and changes of clips written once (docs/decisions/0028).

-- Whether the other one follows back: friends are found without asking for every edge whether its reverse is there.
alter table follow add column mutual boolean not null default false;
update follow f set mutual = true
where exists (select from follow r where r.follower = f.followed and r.followed = f.follower);
create index on follow (follower, at desc, followed);
create index on follow (follower, at desc, followed) where mutual;

-- Fires after tally_followed and tally_unfollowed, whose locks make two who follow each other at once wait.
create function tally_mutual() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        update follow f set mutual = true
        from edges e
        where ((f.follower = e.follower and f.followed = e.followed) or (f.follower = e.followed and f.followed = e.follower))
            and not f.mutual and exists (select from follow r where r.follower = e.followed and r.followed = e.follower);
    else
        update follow f set mutual = false from edges e
        where f.follower = e.followed and f.followed = e.follower and f.mutual;
    end if;
    return null;
end
$$;
create trigger tally_mutual_followed after insert on follow referencing new table as edges
    for each statement execute function tally_mutual();
create trigger tally_mutual_unfollowed after delete on follow referencing old table as edges
    for each statement execute function tally_mutual();

create index on clip (published_at desc, id desc) include (account) where published_at is not null;

-- What was ranked for somebody, to be paged through. Unlogged: after a crash a list is ranked again.
create unlogged table feed_list (
    id      uuid primary key default uuidv7(),
    account uuid not null,
    clips   uuid[] not null,
    sources text[] not null,
    terms   real[] not null, -- of each clip in turn: affinity, freshness, remix, quality, taste, variety
    made_at timestamptz not null default now(),
    check (cardinality(sources) = cardinality(clips) and cardinality(terms) = 6 * cardinality(clips))
);
create index on feed_list (account, id);
create index on feed_list (made_at);

-- A clip changed, for whoever follows its maker: one row however many they are; who they are is asked by the reader. Its
-- numbers are those of `change`, so that both are one log.
create table clip_change (
    id     bigint not null default nextval(pg_get_serial_sequence('change', 'id')),
    tx     bigint not null default pg_current_xact_id()::text::bigint,
    author uuid not null, -- no reference: written while an account is being deleted, too
    clip   uuid not null,
    widest text not null check (widest in ('friends', 'everyone')), -- who may see it, or might have until now
    at     timestamptz not null default now(),
    primary key (author, tx, id)
);
create index on clip_change (at);

-- Its maker and the people it shows, by name; those who follow the maker in one row.
create or replace function note_clip(which clip, widest text) returns void language sql as $$
    insert into change (account, type, subject)
    select told.account, 'video', which.id
    from (
        select which.account as account
        union select k.owner from use u join character k on k.id = u.character where u.clip = which.id
    ) told
    where exists (select from account a where a.id = told.account);
    insert into clip_change (author, clip, widest) select which.account, which.id, widest where widest <> 'only_me'
$$;

-- What the clock and the clean-up ask for, without reading every clip and account.
create index on clip (id) where status in ('queued', 'in_progress');
create index on account (id) where role = 'operator';
create function media_keys(media jsonb) returns text[] language sql immutable as $$
    select array(select value ->> 'key' from jsonb_each(media))
$$;
create index on clip using gin (media_keys(media)) where media is not null;
