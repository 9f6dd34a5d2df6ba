-- Talking: who may comment, comments that are liked, threads and their messages, notices that gather.

-- Whether one account may put words before another: an adult only before young people who follow them.
create function may_address(writer uuid, reader uuid) returns boolean language sql stable as $$
    select coalesce(writer = reader, false) or not grown_up(writer) or grown_up(reader)
        or exists (select from follow where follower = reader and followed = writer)
$$;

alter table clip add column commenters text not null default 'everyone'
    check (commenters in ('everyone', 'friends', 'nobody'));

alter table comment alter column at_s type double precision; -- 6.2 is told as 6.2

create table comment_like (
    account uuid not null references account on delete cascade,
    comment uuid not null references comment on delete cascade,
    at      timestamptz not null default now(),
    primary key (comment, account)
);
create index on comment_like (account);
create index on comment (clip, at_s, id) where reply_to is null;
create index on comment (deleted_at) where deleted_at is not null and text <> '';

create function tally_comment_like() returns trigger language plpgsql as $$
begin
    update comment set likes = likes + case tg_op when 'DELETE' then -1 else 1 end
    where id = case tg_op when 'DELETE' then old.comment else new.comment end;
    return null;
end
$$;
create trigger tally_comment_like after insert or delete on comment_like
    for each row execute function tally_comment_like();

-- What an account may read of comments; whether it may see their clip is visible_clip's word.
create function visible_comment(viewer uuid) returns setof comment language sql stable as $$
    select m.*
    from comment m
    where m.deleted_at is null
        and (m.hidden_at is null or m.author = viewer)
        and not blocked_between(m.author, viewer)
        and not exists (select from mute u where u.muter = viewer and u.muted = m.author)
        and not exists (
            select from report r where r.reporter = viewer and (
                (r.subject_type = 'comment' and r.subject = m.id) or (r.subject_type = 'account' and r.subject = m.author)
            )
        )
$$;

-- Threads. A one-to-one thread is the one of its pair, the smaller id first; null: that account is gone.
create table thread (
    id         uuid primary key default uuidv7(),
    kind       text not null check (kind in ('direct', 'group')),
    title      text not null default '',
    one        uuid references account on delete set null,
    other      uuid references account on delete set null,
    newest     uuid not null, -- its newest message, or itself: the order of lists
    created_at timestamptz not null default now(),
    unique (one, other),
    check (one < other),
    check (kind = 'direct' or (one is null and other is null))
);
create index on thread (other);

create table thread_member (
    thread    uuid not null references thread on delete cascade,
    account   uuid not null references account on delete cascade,
    joined_at timestamptz not null default clock_timestamp(), -- what was said before is not theirs to read
    left_at   timestamptz,
    read_upto uuid, -- a message; null: nothing yet
    muted     boolean not null default false,
    primary key (thread, account)
);
create index on thread_member (account) where left_at is null;

-- Ids of one thread are in the order of commits: whoever writes holds the row of the thread.
create table message (
    id         uuid primary key default uuidv7(),
    thread     uuid not null references thread on delete cascade,
    author     uuid references account on delete set null,
    kind       text not null check (kind in ('text', 'video', 'answer')), -- answer: made of its text
    text       text not null default '',
    clip       uuid references clip on delete set null,
    created_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz
);
create index on message (thread, id);
create index on message (clip) where clip is not null;
create index on message (author);

-- The threads that an account is in; a block ends those of two.
create function open_thread(viewer uuid) returns setof thread language sql stable as $$
    select t.*
    from thread t
    where exists (select from thread_member v where v.thread = t.id and v.account = viewer and v.left_at is null)
        and not (t.kind = 'direct' and blocked_between(t.one, t.other))
$$;

create function readable_message(viewer uuid) returns setof message language sql stable as $$
    select m.*
    from message m
    join thread t on t.id = m.thread
    join thread_member v on v.thread = m.thread and v.account = viewer
    where v.left_at is null and m.created_at >= v.joined_at
        and not (t.kind = 'direct' and blocked_between(t.one, t.other))
        and (m.author is null or (not blocked_between(m.author, viewer) and may_address(m.author, viewer)))
        and not exists (
            select from report r where r.reporter = viewer and r.subject_type = 'message' and r.subject = m.id
        )
$$;

-- A clip that its own maker sent into a thread is for the members of that thread.
create function sent_to(viewer uuid, which uuid, maker uuid) returns boolean language sql stable as $$
    select may_address(maker, viewer) and exists (
        select from message m join thread_member v on v.thread = m.thread
        where m.clip = which and m.author = maker and m.deleted_at is null
            and v.account = viewer and v.left_at is null and m.created_at >= v.joined_at
    )
$$;

-- As in 0011, and what was sent to the viewer.
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
            and (
                c.audience = 'everyone' or (c.audience = 'friends' and mutuals(c.account, viewer))
                or sent_to(viewer, c.id, c.account)
            )
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

-- To everybody in the thread who may read it, the author's other devices too. `quiet`: phones stay silent.
create function tell_message(which message, silent boolean) returns void language sql as $$
    insert into event (account, kind, about)
    select v.account, 'message', jsonb_build_object(
        'id', 'msg_' || replace(which.id::text, '-', ''),
        'object', 'message',
        'thread', 'thr_' || replace(which.thread::text, '-', ''),
        'by', a.handle,
        'kind', which.kind,
        'status', coalesce(c.status, 'completed'),
        'deleted', which.deleted_at is not null,
        'quiet', silent or v.muted or v.account = which.author)
    from thread_member v
    join account a on a.id = which.author
    left join clip c on c.id = which.clip
    where v.thread = which.thread and v.left_at is null
        and not blocked_between(which.author, v.account) and may_address(which.author, v.account)
$$;

create function tell_changed_message() returns trigger language plpgsql as $$
begin
    perform tell_message(new, tg_op = 'UPDATE' or new.kind = 'answer');
    return null;
end
$$;
create trigger tell_new after insert on message for each row execute function tell_changed_message();
create trigger tell_deleted after update of deleted_at on message for each row
    when (old.deleted_at is null and new.deleted_at is not null and new.author is not null)
    execute function tell_changed_message();

-- An answer becomes its clip.
create function tell_answered() returns trigger language plpgsql as $$
begin
    perform tell_message(m, new.status <> 'completed')
    from message m where m.clip = new.id and m.kind = 'answer' and m.author is not null and m.deleted_at is null;
    return null;
end
$$;
create trigger tell_answered after update of status on clip for each row
    when (old.status in ('queued', 'in_progress') and new.status in ('completed', 'failed'))
    execute function tell_answered();

-- What somebody said goes with their account; that something was said stays, so that others' threads keep their order.
create function forget_words() returns trigger language plpgsql as $$
begin
    update message set author = null, text = '', clip = null, deleted_at = coalesce(deleted_at, now())
    where author = old.id;
    return old;
end
$$;
create trigger forget_words before delete on account for each row execute function forget_words();

create function forget_thread() returns trigger language plpgsql as $$
begin
    delete from thread t where t.id = old.thread and not exists (select from thread_member v where v.thread = t.id);
    return null;
end
$$;
create trigger forget_thread after delete on thread_member for each row execute function forget_thread();

-- For clients that were offline.
alter table change drop constraint change_type_check;
alter table change add constraint change_type_check
    check (type in ('video', 'character', 'notice', 'account', 'comment', 'thread', 'message'));

create function note_changed_comment() returns trigger language plpgsql as $$
begin
    perform note_change(case tg_op when 'DELETE' then old.author else new.author end, 'comment',
        case tg_op when 'DELETE' then old.id else new.id end);
    return null;
end
$$;
create trigger note_changed after insert or delete or update of deleted_at, hidden_at on comment
    for each row execute function note_changed_comment();

create function note_changed_message() returns trigger language plpgsql as $$
begin
    perform note_change(v.account, 'message', new.id)
    from thread_member v where v.thread = new.thread and v.left_at is null;
    return null;
end
$$;
create trigger note_changed after insert or update on message for each row execute function note_changed_message();

create function note_changed_thread() returns trigger language plpgsql as $$
begin
    perform note_change(v.account, 'thread', new.id) from thread_member v where v.thread = new.id and v.left_at is null;
    return null;
end
$$;
create trigger note_changed after update of title on thread for each row execute function note_changed_thread();

-- Who comes or goes is for all of them to know, and for whoever it is; how far somebody read, for themselves.
create function note_changed_member() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.left_at is not distinct from new.left_at then
        perform note_change(new.account, 'thread', new.thread);
    else
        perform note_change(v.account, 'thread', v.thread)
        from thread_member v
        where v.thread = coalesce(new.thread, old.thread)
            and (v.left_at is null or v.account = coalesce(new.account, old.account));
    end if;
    return null;
end
$$;
create trigger note_changed after insert or update or delete on thread_member for each row
    execute function note_changed_member();

-- Notices (docs/decisions/0033). Those of one kind about one subject gather in one while it is unread.
alter table notice
    add column subject   text, -- a public id; null: it stands alone
    add column gathering boolean not null default false,
    add column people    integer not null default 1 check (people > 0);
create unique index notice_gathering on notice (account, kind, subject) where gathering;
create index on notice (account) where read_at is null;

-- Every event that made or grew a notice, under a name that is told once, however often it is tried.
create table notice_part (
    account uuid not null references account on delete cascade,
    key     text not null,
    notice  uuid references notice on delete cascade,
    actor   uuid references account on delete cascade,
    about   jsonb not null,
    at      timestamptz not null default clock_timestamp(),
    primary key (account, key)
);
create index on notice_part (notice, at desc);
create index on notice_part (notice, actor);
create index on notice_part (actor, account);

create table notice_preference (
    account uuid not null references account on delete cascade,
    kind    text not null,
    in_app  boolean not null,
    push    boolean not null,
    primary key (account, kind),
    check (in_app or not push)
);

-- The newest three.
create function notice_actors(of_notice uuid) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('handle', a.handle, 'display_name', a.display_name) order by l.at desc), '[]')
    from (
        select actor, max(at) as at
        from (select actor, at from notice_part where notice = of_notice and actor is not null order by at desc limit 20) late
        group by actor order by at desc limit 3
    ) l join account a on a.id = l.actor
$$;

-- The notice that was made or has grown; null where nothing is to be told: somebody's own doing, somebody muted or
-- blocked, a kind that is switched off, or an event that was told before. A crowd is told of live up to its fifth
-- person and then at every power of ten, so that what everybody likes costs its maker no event for each.
create function tell_notice(whom uuid, what text, details jsonb, who uuid, gather text, once text) returns uuid
language plpgsql as $$
declare
    named text := what || ' ' || coalesce(once, uuidv7()::text);
    told notice;
begin
    if who = whom or blocked_between(whom, who)
        or exists (select from mute where muter = whom and muted = who)
        or exists (select from notice_preference p where p.account = whom and p.kind = what and not p.in_app) then
        return null;
    end if;
    if who is not null then
        details := details || jsonb_build_object('by', (select handle from account where id = who));
    end if;
    insert into notice_part (account, key, actor, about) values (whom, named, who, details) on conflict do nothing;
    if not found then
        return null;
    end if;
    if gather is null then
        insert into notice (account, kind, about) values (whom, what, details) returning * into told;
    else
        update notice set gathering = false
        where account = whom and kind = what and subject = gather and gathering and at < now() - interval '6 hours';
        insert into notice (account, kind, about, subject, gathering) values (whom, what, details, gather, true)
        on conflict (account, kind, subject) where gathering do update
        set about = excluded.about, people = notice.people + (not exists (
            select from notice_part p where p.notice = notice.id and p.actor is not distinct from who
        ))::integer
        returning * into told;
    end if;
    update notice_part set notice = told.id where account = whom and key = named;
    if told.people <= 5 or told.people::text ~ '^10+$' then
        insert into event (account, kind, about) values (whom, 'notice', jsonb_build_object(
            'id', 'ntc_' || replace(told.id::text, '-', ''), 'object', 'notice', 'kind', told.kind, 'about', told.about,
            'count', told.people, 'actors', notice_actors(told.id), 'created_at', told.at, 'read_at', null));
    end if;
    return told.id;
end
$$;

-- Somebody is gone from a notice: it is about the others, or not there.
create function forget_part() returns trigger language plpgsql as $$
begin
    delete from notice n where n.id = old.notice and not exists (select from notice_part p where p.notice = n.id);
    update notice n set
        people = greatest(1, (select count(distinct p.actor) from notice_part p where p.notice = n.id)),
        about = (select p.about from notice_part p where p.notice = n.id order by p.at desc limit 1)
    where n.id = old.notice;
    return null;
end
$$;
create trigger forget_part after delete on notice_part for each row when (old.actor is not null)
    execute function forget_part();

create function forget_between() returns trigger language plpgsql as $$
begin
    delete from notice_part
    where (account = new.blocker and actor = new.blocked) or (account = new.blocked and actor = new.blocker);
    return null;
end
$$;
create trigger forget_between after insert on block for each row execute function forget_between();
