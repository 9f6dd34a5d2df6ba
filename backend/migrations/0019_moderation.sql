-- Moderation (docs/decisions/0037): events that are only ever added, what they make of each subject, and what follows.

alter table account drop constraint account_role_check;
alter table account add constraint account_role_check check (role in ('member', 'moderator', 'senior', 'operator'));
alter table invite drop constraint invite_role_check;
alter table invite add constraint invite_role_check check (role in ('member', 'moderator', 'senior', 'operator'));

alter table report drop constraint report_reporter_fkey, drop constraint report_subject_type_check,
    drop constraint report_state_check;
alter table report
    alter column at_s type double precision, -- 6.2 is told as 6.2
    alter column reporter drop not null, -- null: the machine itself, a notice from outside, or an account that is gone
    add foreign key (reporter) references account on delete set null,
    add check (subject_type in ('clip', 'character', 'account', 'comment', 'message')),
    add check (state in ('open', 'decided')),
    add column source     text not null default 'member' check (source in ('member', 'system', 'notice')),
    add column evidence   uuid,
    add column ruling     uuid, -- the event that decided it
    add column outcome    text check (outcome in ('upheld', 'dismissed')),
    add column decided_at timestamptz,
    add check ((state = 'decided') = (outcome is not null)),
    add check ((state = 'decided') = (ruling is not null));
create index on report (ruling) where ruling is not null;
create index on report (subject_type, subject) where state = 'open';
create index on report (reporter, outcome) where outcome is not null;

create function only_added() returns trigger language plpgsql as $$
begin
    raise exception '% is only ever added to', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;

-- The truth. Actor null: the machine itself. Ids of subjects outlive them.
create table moderation_event (
    id           uuid primary key default uuidv7(),
    seq          bigint not null generated always as identity unique, -- per subject in the order of commits
    subject_type text not null,
    subject      uuid not null,
    kind         text not null check (kind in (
        'reported', 'hidden', 'claimed', 'released', 'escalated', 'decided', 'appealed', 'appeal_decided', 'reopened',
        'restored'
    )),
    actor        uuid,
    detail       jsonb not null,
    at           timestamptz not null default clock_timestamp()
);
create index on moderation_event (subject_type, subject, seq);
create index on moderation_event (at);
alter table report add foreign key (ruling) references moderation_event;
create trigger only_added before update or delete on moderation_event for each row execute function only_added();
create trigger only_added_all before truncate on moderation_event execute function only_added();

-- The projection: what the events of a subject come to. Nothing writes here but project_moderation.
create table moderation_subject_status (
    subject_type  text not null,
    subject       uuid not null,
    state         text not null check (state in ('open', 'decided')),
    queue         text not null check (queue in ('general', 'urgent', 'escalated', 'appealed')),
    lead          uuid not null, -- the gravest open report
    reason        text not null,
    weight        double precision not null, -- of the lead
    reports       integer not null,
    trusted       integer not null, -- open reports of trusted reporters
    priority      double precision not null, -- 0 to 1: 1 - product of (1 - each report's)
    due_at        timestamptz not null, -- 'infinity': no deadline
    opened_at     timestamptz not null,
    claimed_by    uuid,
    lease_until   timestamptz,
    decision      text,
    decided_event uuid,
    decided_by    uuid,
    decided_at    timestamptz,
    appeals       integer not null default 0, -- open ones
    seq           bigint not null, -- of the newest event
    primary key (subject_type, subject),
    check ((claimed_by is null) = (lease_until is null))
);
create index moderation_queue on moderation_subject_status (due_at, (-priority), lead) where state = 'open';
create index moderation_queues on moderation_subject_status (queue, due_at, (-priority), lead) where state = 'open';
create index on moderation_subject_status (lease_until) where lease_until is not null;
create index on moderation_subject_status (opened_at) where state = 'open';

create function project_moderation(e moderation_event) returns void language plpgsql as $$
begin
    if e.kind = 'reported' then
        insert into moderation_subject_status as s
            (subject_type, subject, state, queue, lead, reason, weight, reports, trusted, priority, due_at, opened_at, seq)
        values (e.subject_type, e.subject, 'open', e.detail ->> 'queue', (e.detail ->> 'report')::uuid,
            e.detail ->> 'reason', (e.detail ->> 'weight')::float8, 1, (e.detail ->> 'trusted')::boolean::int,
            (e.detail ->> 'weight')::float8, (e.detail ->> 'due_at')::timestamptz, e.at, e.seq)
        on conflict (subject_type, subject) do update set
            state = 'open',
            queue = case
                when s.state = 'decided' or (s.queue = 'general' and excluded.queue = 'urgent') then excluded.queue
                else s.queue
            end,
            lead = case when s.state = 'decided' or excluded.weight > s.weight then excluded.lead else s.lead end,
            reason = case when s.state = 'decided' or excluded.weight > s.weight then excluded.reason else s.reason end,
            weight = case when s.state = 'decided' then excluded.weight else greatest(s.weight, excluded.weight) end,
            reports = case when s.state = 'decided' then 1 else s.reports + 1 end,
            trusted = case when s.state = 'decided' then 0 else s.trusted end + excluded.trusted,
            priority = case
                when s.state = 'decided' then excluded.priority
                else 1 - (1 - s.priority) * (1 - excluded.priority)
            end,
            due_at = case when s.state = 'decided' then excluded.due_at else least(s.due_at, excluded.due_at) end,
            opened_at = case when s.state = 'decided' then excluded.opened_at else s.opened_at end,
            seq = excluded.seq;
        return;
    end if;
    update moderation_subject_status s set
        seq = e.seq,
        state = case e.kind when 'decided' then 'decided' when 'reopened' then 'open' else s.state end,
        queue = case
            when e.kind = 'escalated' then 'escalated'
            when e.kind = 'reopened' then 'appealed'
            when e.kind = 'hidden' and s.queue = 'general' then 'urgent'
            else s.queue
        end,
        due_at = case e.kind
            when 'hidden' then least(s.due_at, (e.detail ->> 'due_at')::timestamptz)
            else s.due_at
        end,
        opened_at = case e.kind when 'reopened' then e.at else s.opened_at end,
        claimed_by = case
            when e.kind = 'claimed' then e.actor
            when e.kind not in ('released', 'escalated', 'decided', 'reopened') then s.claimed_by
        end,
        lease_until = case
            when e.kind = 'claimed' then (e.detail ->> 'until')::timestamptz
            when e.kind not in ('released', 'escalated', 'decided', 'reopened') then s.lease_until
        end,
        decision = case
            when e.kind = 'decided' then e.detail ->> 'decision'
            when e.kind = 'appeal_decided' and e.detail ->> 'outcome' = 'overturned'
                and (e.detail ->> 'event')::uuid = s.decided_event then 'overturned'
            else s.decision
        end,
        decided_event = case e.kind when 'decided' then e.id else s.decided_event end,
        decided_by = case e.kind when 'decided' then e.actor else s.decided_by end,
        decided_at = case e.kind when 'decided' then e.at else s.decided_at end,
        appeals = s.appeals + case e.kind when 'appealed' then 1 when 'appeal_decided' then -1 else 0 end
    where s.subject_type = e.subject_type and s.subject = e.subject;
end
$$;

create function project_added() returns trigger language plpgsql as $$
begin
    perform project_moderation(new);
    return null;
end
$$;
create trigger project_added after insert on moderation_event for each row execute function project_added();

-- What there was when somebody reported it. Nobody it speaks of can take it away: the ids are no foreign keys.
create table evidence (
    id           uuid primary key default uuidv7(),
    subject_type text not null,
    subject      uuid not null,
    author       uuid, -- whose doing it is; null: unknown
    parties      uuid[] not null, -- the author and the owners of the characters shown
    snapshot     jsonb not null,
    sha256       bytea not null,
    at           timestamptz not null default clock_timestamp(),
    keep_until   timestamptz not null default now() + interval '1 year',
    legal_hold   boolean not null default false,
    unique (subject_type, subject, sha256)
);
create index on evidence (author);
create index on evidence (keep_until) where not legal_hold;
alter table report add foreign key (evidence) references evidence on delete set null;
create index on report (evidence);

-- Files that stay although their clip is deleted.
create table evidence_media (
    evidence   uuid not null references evidence on delete cascade,
    variant    text not null,
    key        text not null,
    size       bigint not null,
    sha256     text not null,
    media_type text not null,
    primary key (evidence, variant)
);
create index on evidence_media (key);

create function write_evidence_once() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.legal_hold or old.keep_until > now() then
            raise exception 'evidence % is kept until %', old.id, old.keep_until
                using errcode = 'integrity_constraint_violation';
        end if;
        return old;
    end if;
    if (new.id, new.subject_type, new.subject, new.author, new.parties, new.snapshot, new.sha256, new.at)
        is distinct from (old.id, old.subject_type, old.subject, old.author, old.parties, old.snapshot, old.sha256, old.at)
        or new.keep_until < old.keep_until then
        raise exception 'evidence is written once' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
create trigger write_once before update or delete on evidence for each row execute function write_evidence_once();
create trigger only_added_all before truncate on evidence execute function only_added();
create trigger write_once before update on evidence_media for each row execute function only_added();

-- The snapshot of a subject as it stands, without anything biometric; null where it is gone and nobody knows whose it was.
create function evidence_of(what text, which uuid) returns jsonb language plpgsql stable as $$
begin
    return case what
        when 'clip' then coalesce(
            (
                select jsonb_build_object(
                    'author', c.account, 'handle', a.handle, 'display_name', a.display_name, 'prompt', c.prompt,
                    'caption', c.caption, 'screenplay', c.screenplay, 'model', c.model, 'engine', c.engine,
                    'size', c.size, 'seconds', c.seconds, 'status', c.status,
                    'audience', c.audience, 'allow_remix', c.allow_remix, 'commenters', c.commenters,
                    'adults_only', c.adults_only, 'limited', c.limited, 'blurhash', c.blurhash,
                    'created_at', c.created_at, 'published_at', c.published_at,
                    'parent', l.parent, 'root', l.root, 'media', c.media,
                    'cast', (
                        select coalesce(jsonb_agg(jsonb_build_object(
                            'character', k.id, 'version', u.version, 'name', k.name, 'handle', k.handle,
                            'kind', k.kind, 'audience', k.audience, 'owner', k.owner, 'owner_handle', o.handle,
                            'permission', u.decision
                        ) order by k.id), '[]')
                        from use u join character k on k.id = u.character join account o on o.id = k.owner
                        where u.clip = c.id
                    )
                )
                from clip c join account a on a.id = c.account left join lineage l on l.clip = c.id where c.id = which
            ),
            (select jsonb_build_object('author', l.maker, 'gone', true, 'parent', l.parent, 'root', l.root)
                from lineage l where l.clip = which)
        )
        when 'account' then (
            select jsonb_build_object('author', a.id, 'handle', a.handle, 'display_name', a.display_name,
                'created_at', a.created_at)
            from account a where a.id = which
        )
        when 'character' then (
            select jsonb_build_object('author', k.owner, 'handle', a.handle, 'display_name', a.display_name,
                'character', k.handle, 'name', k.name, 'kind', k.kind, 'version', k.version, 'audience', k.audience,
                'state', k.state, 'created_at', k.created_at)
            from character k join account a on a.id = k.owner where k.id = which
        )
        when 'comment' then (
            select jsonb_build_object('author', m.author, 'handle', a.handle, 'display_name', a.display_name,
                'text', m.text, 'clip', m.clip, 'at_s', m.at_s, 'reply_to', m.reply_to, 'created_at', m.created_at,
                'deleted_at', m.deleted_at)
            from comment m join account a on a.id = m.author where m.id = which
        )
        when 'message' then (
            select jsonb_build_object('author', m.author, 'handle', a.handle, 'display_name', a.display_name,
                'text', m.text, 'clip', m.clip, 'thread', m.thread, 'created_at', m.created_at,
                'deleted_at', m.deleted_at)
            from message m left join account a on a.id = m.author where m.id = which
        )
    end;
end
$$;

-- What a decision, or a first step before one, does to a subject, for as long as it is not lifted. The columns that others
-- read are settled from these rows, so that two measures of one kind need two to be lifted.
create table moderation_measure (
    id           uuid primary key default uuidv7(),
    event        uuid not null references moderation_event,
    subject_type text not null,
    subject      uuid not null,
    kind         text not null check (kind in (
        'pending', 'removed', 'lineage', 'labelled', 'age_restricted', 'limited', 'remix_disabled', 'revoked', 'suspended'
    )),
    detail       jsonb not null default '{}',
    until        timestamptz not null default 'infinity',
    at           timestamptz not null default clock_timestamp(),
    lifted_at    timestamptz,
    lifted_by    uuid references moderation_event,
    unique (event, subject_type, subject, kind),
    check ((lifted_at is null) = (lifted_by is null))
);
create index on moderation_measure (subject_type, subject) where lifted_at is null;
create index on moderation_measure (at) where kind = 'removed' and lifted_at is null;

alter table clip
    add column label        text, -- a moderator's word beside the clip
    add column remix_barred boolean not null default false; -- its maker cannot allow remixes
create index on clip ((media -> 'video' ->> 'sha256')) where media is not null;
alter table character add column barred boolean not null default false; -- by a moderator
alter table account
    add column suspended_until  timestamptz, -- null: until it is taken back
    add column suspended_event  uuid references moderation_event, -- null: not by a decision
    add column suspended_before text; -- a guardian's suspension that waits below the staff's

-- Who keeps an account closed now; what a moderator set a time to ends with it.
create function suspended_by(a account) returns text language sql stable as $$
    select case when a.suspended_until <= clock_timestamp() then a.suspended_before else a.suspended_because end
$$;
create index on account (suspended_until) where suspended_until is not null;

alter table message add column hidden_at timestamptz; -- by a moderator

create function bar_remix() returns trigger language plpgsql as $$
begin
    new.allow_remix := false;
    return new;
end
$$;
create trigger bar_remix before insert or update on clip for each row when (new.remix_barred)
    execute function bar_remix();

create function bar_character() returns trigger language plpgsql as $$
begin
    new.state := 'revoked';
    return new;
end
$$;
create trigger bar_character before update on character for each row when (new.barred and new.state <> 'revoked')
    execute function bar_character();

create function measured(what text, which uuid, kinds text[]) returns boolean language sql stable as $$
    select exists (
        select from moderation_measure
        where subject_type = what and subject = which and kind = any(kinds) and lifted_at is null
    )
$$;

-- The columns of a subject as its measures demand; safe to repeat. What is gone stays gone.
create function settle_measures(what text, which uuid) returns void language plpgsql as $$
declare
    longest moderation_measure;
begin
    if what = 'clip' then
        update clip c set
            adults_only = measured(what, which, '{age_restricted}'),
            limited = measured(what, which, '{limited}'),
            label = (
                select m.detail ->> 'label' from moderation_measure m
                where m.subject_type = what and m.subject = which and m.kind = 'labelled' and m.lifted_at is null
                order by m.id desc limit 1
            ),
            remix_barred = measured(what, which, '{remix_disabled}'),
            allow_remix = case
                when c.remix_barred and not measured(what, which, '{remix_disabled}') then coalesce((
                    select (m.detail ->> 'allowed')::boolean from moderation_measure m
                    where m.subject_type = what and m.subject = which and m.kind = 'remix_disabled'
                        and m.detail ? 'allowed'
                    order by m.id desc limit 1
                ), c.allow_remix)
                else c.allow_remix
            end,
            hidden_at = case
                when measured(what, which, '{pending,lineage}') then ( -- no departure's time, which ends with its wish
                    select min(m.at) from moderation_measure m
                    where m.subject_type = what and m.subject = which and m.kind in ('pending', 'lineage')
                        and m.lifted_at is null
                )
                else (
                    select d.asked_at from account_departure d
                    where d.account = c.account and d.cancelled_at is null and d.account_deleted_at is null
                )
            end,
            removed_at = case
                when measured(what, which, '{removed}') then coalesce(c.removed_at, clock_timestamp())
                when c.removed_because = 'moderation' then null
                else c.removed_at
            end,
            removed_because = case
                when measured(what, which, '{removed}') then coalesce(c.removed_because, 'moderation')
                when c.removed_because <> 'moderation' then c.removed_because
            end
        where c.id = which;
    elsif what = 'comment' then
        update comment set hidden_at = case
            when measured(what, which, '{pending,removed}') then coalesce(hidden_at, clock_timestamp())
        end where id = which;
    elsif what = 'message' then
        update message set hidden_at = case
            when measured(what, which, '{pending,removed}') then coalesce(hidden_at, clock_timestamp())
        end where id = which;
    elsif what = 'character' then
        update character k set barred = measured(what, which, '{revoked}'), state = case
            when measured(what, which, '{revoked}') then 'revoked'
            when k.barred and k.left_at is null then coalesce((
                select m.detail ->> 'state' from moderation_measure m
                where m.subject_type = what and m.subject = which and m.kind = 'revoked' and m.detail ? 'state'
                order by m.id desc limit 1
            ), 'ready')
            else k.state
        end where k.id = which;
    elsif what = 'account' then
        select * into longest from moderation_measure m
        where m.subject_type = what and m.subject = which and m.kind = 'suspended' and m.lifted_at is null
            and m.until > now()
        order by m.until desc, m.id limit 1;
        if longest.id is not null then
            update account a set
                suspended_before = case when a.suspended_because = 'guardian' then 'guardian' else a.suspended_before end,
                suspended_because = 'staff',
                suspended_event = longest.event,
                suspended_until = nullif(longest.until, 'infinity'),
                suspended_at = case
                    when a.suspended_because = 'staff' then a.suspended_at else clock_timestamp()
                end
            where a.id = which and (a.suspended_because is distinct from 'staff' or a.suspended_event is not null);
        else
            update account a set
                suspended_because = a.suspended_before,
                suspended_at = case when a.suspended_before is not null then a.suspended_at end,
                suspended_before = null, suspended_event = null, suspended_until = null
            where a.id = which and a.suspended_because = 'staff' and a.suspended_event is not null;
        end if;
    end if;
end
$$;

-- Nobody makes something new of what a removal reaches, however late the remix is.
create function carry_measures() returns trigger language plpgsql as $$
begin
    insert into moderation_measure (event, subject_type, subject, kind)
    select distinct m.event, 'clip', new.id, 'lineage' from moderation_measure m
    where m.subject_type = 'clip' and m.subject in (new.remixed_from, new.sound_of) and m.kind in ('removed', 'lineage')
        and m.lifted_at is null
    on conflict do nothing;
    if found then
        perform settle_measures('clip', new.id);
    end if;
    return null;
end
$$;
create trigger carry_measures after insert on clip for each row when (new.remixed_from is not null)
    execute function carry_measures();
create trigger carry_measures_of_sound after update of sound_of on clip for each row when (new.sound_of is not null)
    execute function carry_measures();

create table strike (
    id         uuid primary key default uuidv7(),
    account    uuid not null references account on delete cascade,
    event      uuid not null unique references moderation_event,
    at         timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null default now() + interval '90 days',
    taken_back timestamptz
);
create index on strike (account, expires_at) where taken_back is null;

-- Article 17 of the Digital Services Act: to whom it was decided against, why, and what they can do.
create table statement (
    id           uuid primary key default uuidv7(),
    event        uuid not null unique references moderation_event,
    account      uuid references account on delete set null,
    subject_type text not null,
    subject      uuid not null,
    body         jsonb not null,
    at           timestamptz not null default clock_timestamp()
);
create index on statement (account, id);
create index on statement (at);

create table appeal (
    id         uuid primary key default uuidv7(),
    event      uuid not null references moderation_event,
    appellant  uuid references account on delete set null, -- it is answered all the same
    side       text not null check (side in ('author', 'reporter')),
    words      text not null,
    created_at timestamptz not null default clock_timestamp(),
    outcome    text check (outcome in ('upheld', 'overturned')),
    answer     text,
    decided_by uuid,
    decided_at timestamptz,
    unique (event, appellant),
    check ((outcome is null) = (decided_at is null) and (outcome is null) = (answer is null))
);
create index on appeal (id) where outcome is null;
create index on appeal (appellant, id);

-- What staff did, each row bound to the one before it (SHA-256): a row that is changed or missing is found.
create table moderation_audit (
    seq          bigint primary key,
    at           timestamptz not null,
    actor        uuid,
    action       text not null,
    subject_type text not null,
    subject      uuid not null,
    detail       jsonb not null,
    prev_hash    bytea not null,
    hash         bytea not null
);
create trigger only_added before update or delete on moderation_audit for each row execute function only_added();
create trigger only_added_all before truncate on moderation_audit execute function only_added();

create function audit_hash(row_ moderation_audit) returns bytea language sql stable as $$
    select sha256(row_.prev_hash || convert_to(jsonb_build_array(
        row_.seq, extract(epoch from row_.at)::numeric(20, 6), row_.actor, row_.action, row_.subject_type, row_.subject,
        row_.detail
    )::text, 'UTF8'))
$$;

create function note_audit(who uuid, what text, kind text, about uuid, details jsonb) returns void language plpgsql as $$
declare
    last moderation_audit;
    next_ moderation_audit;
begin
    perform pg_advisory_xact_lock(5_018_019); -- the chain has one end
    select * into last from moderation_audit order by seq desc limit 1;
    next_ := row(coalesce(last.seq, 0) + 1, clock_timestamp(), who, what, kind, about, details,
        coalesce(last.hash, sha256('castmate moderation')), null);
    next_.hash := audit_hash(next_);
    insert into moderation_audit select next_.*;
end
$$;

-- How far a reporter is believed, 0.05 to 1: the mean of Beta(1 + upheld, 1 + dismissed). New ones: 0.5.
create function reporter_trust(who uuid) returns double precision language sql stable as $$
    select greatest(0.05, (1 + count(*) filter (where outcome = 'upheld')) / (2.0 + count(*)))::float8
    from report where reporter = who and outcome is not null
$$;

create or replace function readable_message(viewer uuid) returns setof message language sql stable as $$
    select m.*
    from message m
    join thread t on t.id = m.thread
    join thread_member v on v.thread = m.thread and v.account = viewer
    where v.left_at is null and m.created_at >= v.joined_at
        and (m.hidden_at is null or m.author = viewer)
        and not (t.kind = 'direct' and blocked_between(t.one, t.other))
        and (m.author is null or (not blocked_between(m.author, viewer) and may_address(m.author, viewer)))
        and not exists (
            select from report r where r.reporter = viewer and r.subject_type = 'message' and r.subject = m.id
        )
$$;

-- Reports of the time before, with what they hid.
with told as (
    insert into evidence (subject_type, subject, author, parties, snapshot, sha256)
    select r.subject_type, r.subject, (s.of ->> 'author')::uuid,
        array(select (s.of ->> 'author')::uuid where s.of ? 'author'), s.of,
        sha256(convert_to(s.of::text, 'UTF8'))
    from (select distinct subject_type, subject from report) r
    cross join lateral (select evidence_of(r.subject_type, r.subject) as of) s
    where s.of is not null
    returning id, subject_type, subject
)
update report r set evidence = t.id from told t where t.subject_type = r.subject_type and t.subject = r.subject;
insert into moderation_event (subject_type, subject, kind, actor, detail, at)
select subject_type, subject, 'reported', reporter, jsonb_build_object(
    'report', id, 'reason', reason, 'weight', 0.5, 'trusted', false, 'queue', 'urgent', 'due_at', 'infinity'), created_at
from report order by id;
with hidden as (
    insert into moderation_event (subject_type, subject, kind, detail)
    select 'clip', c.id, 'hidden', '{"because": "reported"}' from clip c
    where c.hidden_at is not null and exists (select from report r where r.subject_type = 'clip' and r.subject = c.id)
    returning id, subject
)
insert into moderation_measure (event, subject_type, subject, kind) select id, 'clip', subject, 'pending' from hidden;
