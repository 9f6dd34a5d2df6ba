-- What friends, feed, remixes and talking stand on. Counts are kept by triggers, in the transaction of what they count.

create table mute (
    muter uuid not null references account on delete cascade,
    muted uuid not null references account on delete cascade,
    at    timestamptz not null default now(),
    primary key (muter, muted),
    check (muter <> muted)
);
create index on mute (muted);

-- What a moderator may say of a clip besides removing it.
alter table clip
    add column adults_only boolean not null default false, -- nobody under 18 sees it but those who made it or are in it
    add column limited     boolean not null default false; -- shown to followers and by its link; never recommended
create index on clip (account, published_at desc, id desc) where published_at is not null;
create index on clip (published_at desc, id desc) where published_at is not null and audience = 'everyone';

create table account_tally (
    account   uuid primary key references account on delete cascade,
    followers integer not null default 0 check (followers >= 0),
    following integer not null default 0 check (following >= 0),
    friends   integer not null default 0 check (friends >= 0)
) with (fillfactor = 70);

create table clip_tally (
    clip        uuid primary key references clip on delete cascade,
    likes       integer not null default 0 check (likes >= 0),
    comments    integer not null default 0 check (comments >= 0), -- replies too
    remixes     integer not null default 0 check (remixes >= 0), -- made from it directly, by anybody, and published
    views       integer not null default 0 check (views >= 0), -- accounts that watched it
    completions integer not null default 0 check (completions >= 0) -- accounts that watched it to its end
) with (fillfactor = 70);

create table clip_like (
    account uuid not null references account on delete cascade,
    clip    uuid not null references clip on delete cascade,
    at      timestamptz not null default now(),
    primary key (clip, account)
);
create index on clip_like (account, at desc);

-- One row for an account and a clip, however often it is watched.
create table clip_view (
    account   uuid not null references account on delete cascade,
    clip      uuid not null references clip on delete cascade,
    first_at  timestamptz not null default now(),
    last_at   timestamptz not null default now(),
    times     integer not null default 1 check (times > 0),
    watched_s real not null check (watched_s >= 0), -- the longest
    completed boolean not null default false,
    primary key (account, clip)
);
create index on clip_view (clip);

-- Threaded one level: an answer to an answer answers the first.
create table comment (
    id         uuid primary key default uuidv7(),
    clip       uuid not null references clip on delete cascade,
    author     uuid not null references account on delete cascade,
    text       text not null,
    at_s       real check (at_s >= 0), -- pinned to this second of the clip
    reply_to   uuid references comment on delete cascade,
    likes      integer not null default 0 check (likes >= 0),
    created_at timestamptz not null default now(),
    deleted_at timestamptz, -- by its author or the clip's maker
    hidden_at  timestamptz -- until a moderator has looked
);
create index on comment (clip, id);
create index on comment (reply_to) where reply_to is not null;
create index on comment (author, id);

-- What came from what, for as long as anything of the tree is there: rows outlive their clips. Written once, when a clip
-- is made; its parent is there before it, so there are no loops.
create table lineage (
    clip   uuid primary key,
    parent uuid,
    root   uuid not null,
    depth  integer not null check (depth >= 0),
    maker  uuid not null,
    check ((parent is null) = (depth = 0)),
    check ((parent is null) = (root = clip))
);
create index on lineage (root, depth, clip);
create index on lineage (parent) where parent is not null;

with recursive tree as (
    select id, null::uuid as parent, id as root, 0 as depth, account from clip where remixed_from is null
    union all
    select c.id, t.id, t.root, t.depth + 1, c.account from clip c join tree t on c.remixed_from = t.id
)
insert into lineage (clip, parent, root, depth, maker) select id, parent, root, depth, account from tree;

create function begin_clip() returns trigger language plpgsql as $$
begin
    insert into clip_tally (clip) values (new.id);
    insert into lineage (clip, parent, root, depth, maker)
    select new.id, p.clip, coalesce(p.root, new.id), coalesce(p.depth + 1, 0), new.account
    from (select) one left join lineage p on p.clip = new.remixed_from;
    return null;
end
$$;
create trigger begin_clip after insert on clip for each row execute function begin_clip();

create function begin_account() returns trigger language plpgsql as $$
begin
    insert into account_tally (account) values (new.id);
    return null;
end
$$;
create trigger begin_account after insert on account for each row execute function begin_account();

-- Locked in the order of ids, so that two who follow each other at once wait for one another and then see it. A pair whose
-- both directions come or go in one statement is counted once.
create function tally_follow() returns trigger language plpgsql as $$
declare
    step integer := case tg_op when 'DELETE' then -1 else 1 end;
begin
    perform from account_tally
    where account in (select follower from edges union select followed from edges)
    order by account for no key update;
    with edge as (
        select e.follower, e.followed, case
            when exists (select from edges r where r.follower = e.followed and r.followed = e.follower)
                then (e.follower < e.followed)::int
            else exists (select from follow r where r.follower = e.followed and r.followed = e.follower)::int
        end as mutual
        from edges e
    ), moved as (
        select account, sum(followers) as followers, sum(following) as following, sum(friends) as friends
        from (
            select follower as account, 0 as followers, 1 as following, mutual as friends from edge
            union all
            select followed, 1, 0, mutual from edge
        ) each_side group by account
    )
    update account_tally t set followers = t.followers + step * m.followers,
        following = t.following + step * m.following, friends = t.friends + step * m.friends
    from moved m where m.account = t.account;
    return null;
end
$$;
create trigger tally_followed after insert on follow referencing new table as edges
    for each statement execute function tally_follow();
create trigger tally_unfollowed after delete on follow referencing old table as edges
    for each statement execute function tally_follow();

create function tally_like() returns trigger language plpgsql as $$
begin
    update clip_tally set likes = likes + case tg_op when 'DELETE' then -1 else 1 end
    where clip = case tg_op when 'DELETE' then old.clip else new.clip end;
    return null;
end
$$;
create trigger tally_like after insert or delete on clip_like for each row execute function tally_like();

create function tally_view() returns trigger language plpgsql as $$
begin
    update clip_tally set
        views = views + case tg_op when 'INSERT' then 1 when 'DELETE' then -1 else 0 end,
        completions = completions
            + case when tg_op <> 'DELETE' and new.completed then 1 else 0 end
            - case when tg_op <> 'INSERT' and old.completed then 1 else 0 end
    where clip = case tg_op when 'DELETE' then old.clip else new.clip end;
    return null;
end
$$;
create trigger tally_view after insert or delete on clip_view for each row execute function tally_view();
create trigger tally_watched after update of completed on clip_view for each row
    when (old.completed <> new.completed) execute function tally_view();

-- A comment counts while somebody may read it.
create function tally_comment() returns trigger language plpgsql as $$
declare
    before integer := case when tg_op <> 'INSERT' and old.deleted_at is null and old.hidden_at is null then 1 else 0 end;
    after_ integer := case when tg_op <> 'DELETE' and new.deleted_at is null and new.hidden_at is null then 1 else 0 end;
begin
    if before <> after_ then
        update clip_tally set comments = comments + after_ - before
        where clip = case tg_op when 'DELETE' then old.clip else new.clip end;
    end if;
    return null;
end
$$;
create trigger tally_comment after insert or update of deleted_at, hidden_at or delete on comment
    for each row execute function tally_comment();

-- A remix counts while it is published and neither hidden nor removed.
create function tally_remix() returns trigger language plpgsql as $$
declare
    before integer := case when tg_op <> 'INSERT' and old.published_at is not null and old.hidden_at is null
        and old.removed_at is null then 1 else 0 end;
    after_ integer := case when tg_op <> 'DELETE' and new.published_at is not null and new.hidden_at is null
        and new.removed_at is null then 1 else 0 end;
begin
    if before <> after_ then
        update clip_tally set remixes = remixes + after_ - before
        where clip = (select parent from lineage where lineage.clip = case tg_op when 'DELETE' then old.id else new.id end);
    end if;
    return null;
end
$$;
create trigger tally_remix after update of published_at, hidden_at, removed_at or delete on clip
    for each row execute function tally_remix();

insert into account_tally (account, followers, following, friends)
select id,
    (select count(*) from follow where followed = id),
    (select count(*) from follow where follower = id),
    (select count(*) from follow f where f.follower = id and exists (
        select from follow b where b.follower = f.followed and b.followed = id
    ))
from account;
insert into clip_tally (clip, remixes)
select id, (
    select count(*) from lineage l join clip c on c.id = l.clip
    where l.parent = clip.id and c.published_at is not null and c.hidden_at is null and c.removed_at is null
)
from clip;

-- Where a count is not what counting gives; nothing, always.
create view tally_drift as
select 'account' as of, t.account as id from account_tally t
where (t.followers, t.following, t.friends) is distinct from (
    (select count(*) from follow where followed = t.account),
    (select count(*) from follow where follower = t.account),
    (select count(*) from follow f where f.follower = t.account and exists (
        select from follow b where b.follower = f.followed and b.followed = t.account
    ))
)
union all
select 'clip', t.clip from clip_tally t
where (t.likes, t.comments, t.remixes, t.views, t.completions) is distinct from (
    (select count(*) from clip_like where clip = t.clip),
    (select count(*) from comment where clip = t.clip and deleted_at is null and hidden_at is null),
    (select count(*) from lineage l join clip c on c.id = l.clip
        where l.parent = t.clip and c.published_at is not null and c.hidden_at is null and c.removed_at is null),
    (select count(*) from clip_view where clip = t.clip),
    (select count(*) from clip_view where clip = t.clip and completed)
);

create function grown_up(viewer uuid) returns boolean language sql stable as $$
    select coalesce((select birth_date <= current_date - interval '18 years' from account where id = viewer), false)
$$;

-- What an account may see; every read of a clip goes through here. The people shown see every use, drafts included.
-- Null is whoever has only a link. What somebody reported is gone from their sight: the clip, all with the character, all
-- of the account.
create or replace function visible_clip(viewer uuid) returns setof clip language sql stable as $$
    select c.*
    from clip c
    where c.removed_at is null and (
        c.account = viewer
        or exists (
            select from use u join character k on k.id = u.character where u.clip = c.id and k.owner = viewer
        )
        or (
            c.status = 'completed' and c.hidden_at is null
            and (c.audience = 'everyone' or (c.audience = 'friends' and mutuals(c.account, viewer)))
            and (not c.adults_only or grown_up(viewer))
            and not blocked_between(c.account, viewer)
            and not exists (
                select from use u join character k on k.id = u.character
                where u.clip = c.id and (
                    not consent_holds(k.consent, 'share') or blocked_between(k.owner, viewer)
                    or exists (
                        select from report r
                        where r.reporter = viewer and r.subject_type = 'character' and r.subject = k.id
                    )
                )
            )
            and not exists (
                select from report r where r.reporter = viewer and (
                    (r.subject_type = 'clip' and r.subject = c.id) or (r.subject_type = 'account' and r.subject = c.account)
                )
            )
        )
    )
$$;

-- The same without the accounts that the viewer muted: for whatever is shown without being asked for by name.
create function unmuted_clip(viewer uuid) returns setof clip language sql stable as $$
    select c.* from visible_clip(viewer) c
    where not exists (select from mute m where m.muter = viewer and m.muted = c.account)
$$;
