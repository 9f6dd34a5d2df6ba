create extension if not exists vector;

-- Who follows whom, and who wants nothing of whom. They belong to `social`; the rule of casting needs them.

create table follow (
    follower uuid not null references account on delete cascade,
    followed uuid not null references account on delete cascade,
    at       timestamptz not null default now(),
    primary key (follower, followed),
    check (follower <> followed)
);
create index on follow (followed);

create table block (
    blocker uuid not null references account on delete cascade,
    blocked uuid not null references account on delete cascade,
    at      timestamptz not null default now(),
    primary key (blocker, blocked),
    check (blocker <> blocked)
);
create index on block (blocked);

create function mutuals(a uuid, b uuid) returns boolean language sql stable as $$
    select exists (select from follow where follower = a and followed = b)
       and exists (select from follow where follower = b and followed = a)
$$;

create function blocked_between(a uuid, b uuid) returns boolean language sql stable as $$
    select exists (select from block where (blocker = a and blocked = b) or (blocker = b and blocked = a))
$$;

-- Something an account should know. `about` holds public ids.
create table notice (
    id      uuid primary key default uuidv7(),
    account uuid not null references account on delete cascade,
    kind    text not null,
    about   jsonb not null,
    at      timestamptz not null default now(),
    read_at timestamptz
);
create index on notice (account, id);

-- What was done with people's identities, and by whom; nothing here is ever changed. Actor null: the machine itself.
create table audit (
    id      uuid primary key default uuidv7(),
    actor   uuid,
    action  text not null,
    subject uuid not null,
    detail  jsonb not null,
    at      timestamptz not null default now()
);
create index on audit (subject, id);

-- Consent: what was agreed to, under which text, signed how. Purposes are withdrawn one by one.

create table consent_receipt (
    id             uuid primary key default uuidv7(),
    account        uuid not null references account on delete cascade,
    policy_version text not null,
    policy_sha256  text not null,
    signed_name    text not null,
    ip_hash        bytea not null, -- keyed: says whether two were signed from one place, not from where
    at             timestamptz not null default now()
);
create index on consent_receipt (account, id);

create table consent_purpose (
    receipt      uuid not null references consent_receipt on delete cascade,
    purpose      text not null check (purpose in ('store', 'generate', 'share')),
    withdrawn_at timestamptz,
    primary key (receipt, purpose)
);

-- The digits that a capture must speak. Spent by the capture that names the receipt.
create table capture_challenge (
    id         uuid primary key default uuidv7(),
    receipt    uuid not null references consent_receipt on delete cascade,
    digits     text not null check (digits ~ '^[0-9]{6}$'),
    expires_at timestamptz not null,
    spent_at   timestamptz
);
create index on capture_challenge (receipt, id);

-- No receipt: an archive character (its rights are stated) or no person at all.
create function consent_holds(of_receipt uuid, wanted text) returns boolean language sql stable as $$
    select of_receipt is null or exists (
        select from consent_purpose where receipt = of_receipt and purpose = wanted and withdrawn_at is null
    )
$$;

-- Characters: versions have states of their own, and a character that left stays as an empty row with its times.

alter table character
    add column consent       uuid references consent_receipt,
    add column approve_clips boolean not null default false, -- the owner is asked before a clip of another is published
    add column left_at       timestamptz,
    add column left_because  text check (left_because in ('deleted', 'expired', 'withdrawn')),
    add column swept_at      timestamptz, -- when the ciphertext was gone too
    add check ((left_at is null) = (left_because is null)),
    add check (left_at is null or state = 'revoked');
create index on character (expires_at) where left_at is null;

alter table character_version
    add column state       text not null default 'processing' check (state in ('processing', 'held', 'ready', 'refused')),
    add column refusal     jsonb, -- {check, message} when refused, or why it is held
    add column attempts    integer not null default 0,
    add column digits      text, -- what its capture must speak
    add column resembles   uuid references character on delete set null, -- whose face it is held for
    add column distance    real, -- of the two faces
    add column figures     jsonb; -- what was measured, for the owner
update character_version v set state = k.state, refusal = k.refusal, attempts = k.attempts
from character k where k.id = v.character and k.state in ('ready', 'refused', 'processing');
alter table character drop column refusal, drop column attempts;

-- Each time all keys were wrapped with a new master key and the old one was destroyed: backups from before are mute.
create table master_key_renewal (
    id        uuid primary key default uuidv7(),
    rewrapped integer not null,
    at        timestamptz not null default clock_timestamp()
);

-- A keyed, coarse projection of every stored face (docs/decisions/0005): finds candidates, says nothing by itself.
create table face_index (
    character uuid not null,
    version   integer not null,
    code      bit(128) not null,
    primary key (character, version),
    foreign key (character, version) references character_version on delete cascade
);
create index on face_index using hnsw (code bit_hamming_ops);

alter table vault_opening
    add column actor uuid, -- whose wish it was; null: the machine's own
    drop constraint vault_opening_purpose_check,
    add constraint vault_opening_purpose_check check (purpose in ('enrol', 'clip', 'match', 'review', 'export'));

-- Grants: standing ones, and ones for a single clip with exactly the words that were asked for.

create table cast_grant (
    id         uuid primary key default uuidv7(),
    character  uuid not null references character on delete cascade,
    grantee    uuid not null references account on delete cascade,
    prompt     text, -- null: standing
    clip       uuid references clip on delete set null, -- what a grant for one clip was spent on
    spent_at   timestamptz,
    granted_at timestamptz not null default now(),
    revoked_at timestamptz
);
create unique index on cast_grant (character, grantee) where prompt is null and revoked_at is null;
create index on cast_grant (grantee);
create index on cast_grant (clip);

-- `cast`: may I cast you with these words? `publish`: may this clip with you be seen by that audience?
create table cast_request (
    id         uuid primary key default uuidv7(),
    kind       text not null check (kind in ('cast', 'publish')),
    character  uuid not null references character on delete cascade,
    asker      uuid not null references account on delete cascade,
    prompt     text not null,
    clip       uuid references clip on delete cascade,
    audience   text check (audience in ('friends', 'everyone')),
    state      text not null default 'open' check (state in ('open', 'approved', 'refused', 'withdrawn')),
    created_at timestamptz not null default now(),
    decided_at timestamptz,
    check ((kind = 'publish') = (clip is not null)),
    check ((kind = 'publish') = (audience is not null)),
    check ((state = 'open') = (decided_at is null))
);
create unique index on cast_request (character, asker, md5(prompt)) where kind = 'cast' and state = 'open';
create unique index on cast_request (character, clip) where kind = 'publish' and state = 'open';
create index on cast_request (asker, id);

alter table use
    add column "grant" uuid references cast_grant on delete set null;

alter table clip
    add column published_at timestamptz,
    add column removed_at   timestamptz, -- gone for everybody; its files are deleted
    add column removed_by   uuid,
    add column removed_because text,
    add column hidden_at    timestamptz; -- out of everybody's sight but its maker's and the people's shown, until reviewed
create index on clip (remixed_from);

create table report (
    id           uuid primary key default uuidv7(),
    reporter     uuid not null references account on delete cascade,
    subject_type text not null check (subject_type in ('clip', 'character', 'account')),
    subject      uuid not null,
    reason       text not null,
    comment      text not null,
    at_s         real,
    state        text not null default 'open' check (state in ('open', 'claimed', 'decided')),
    created_at   timestamptz not null default now(),
    unique (reporter, subject_type, subject)
);
create index on report (subject_type, subject);

-- THE RULE. Why this account may not cast this character; null = it may. The one place that decides: asked before a
-- clip is paid for (for_clip null, wording = the prompt), when its engine starts, when it is published, and for remixes.
drop function cast_refusal(uuid, "character");
create function cast_refusal(asker uuid, subject "character", for_clip uuid, wording text) returns text
language sql stable as $$
    select case
        when subject.state = 'revoked' or not consent_holds(subject.consent, 'generate') then 'revoked'
        when subject.state <> 'ready' then 'not_ready'
        when subject.owner = asker then null
        when blocked_between(asker, subject.owner) then 'blocked'
        when not consent_holds(subject.consent, 'share') then 'audience'
        when subject.audience = 'everyone' then null
        when exists (
            select from cast_grant g
            where g.character = subject.id and g.grantee = asker and g.revoked_at is null
                and case
                    when g.prompt is null then subject.audience <> 'only_me'
                    when g.spent_at is null then for_clip is null and g.prompt = wording
                    else g.clip = for_clip
                end
        ) then null
        when subject.audience = 'mutuals' and mutuals(asker, subject.owner) then null
        else 'audience'
    end
$$;

-- Publishing also needs the purpose `share` of the maker's own face.
create function publish_refusal(maker uuid, subject "character", for_clip uuid, wording text) returns text
language sql stable as $$
    select coalesce(
        cast_refusal(maker, subject, for_clip, wording),
        case when not consent_holds(subject.consent, 'share') then 'audience' end
    )
$$;

-- Clips in the making that cast a character of this account and may not do so any more.
create function unconsented_clip(whose uuid) returns setof uuid language sql stable as $$
    select distinct c.id
    from character k join use u on u.character = k.id join clip c on c.id = u.clip
    where k.owner = whose and c.status in ('queued', 'in_progress')
        and cast_refusal(c.account, k, c.id, c.prompt) is not null
$$;

-- What an account may see; every read of a clip goes through here. The people shown see every use, drafts included.
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
            and not blocked_between(c.account, viewer)
            and not exists (
                select from use u join character k on k.id = u.character
                where u.clip = c.id
                    and (not consent_holds(k.consent, 'share') or blocked_between(k.owner, viewer))
            )
            and not exists (
                select from report r where r.reporter = viewer and r.subject_type = 'clip' and r.subject = c.id
            )
        )
    )
$$;

-- A clip and everything made from it, the lineage below it.
create function clip_and_descendants(root uuid[]) returns setof uuid language sql stable as $$
    with recursive below as (
        select unnest(root) as id
        union
        select c.id from clip c join below b on c.remixed_from = b.id
    )
    select id from below
$$;

-- A character as its readers see it: its newest version may still be measured while an older one is in use.
create view character_card as
select
    k.id, k.owner, a.handle::text as owner_handle, k.kind, k.name, k.handle::text as handle, k.version, k.audience,
    k.preferences, k.restrictions, k.height_cm, k.build, k.rights, k.approve_clips, k.consent, k.created_at,
    k.last_used_at, k.expires_at, k.left_at, k.left_because, k.swept_at,
    (select min(at) from master_key_renewal where at > k.left_at) as backups_mute_at,
    case when k.state = 'ready' and not consent_holds(k.consent, 'generate') then 'revoked' else k.state end as state,
    (select figures from character_version where character = k.id and version = k.version) as figures,
    v.version as newest, v.state as newest_state, v.refusal as newest_refusal
from character k
join account a on a.id = k.owner
join lateral (
    select version, state, refusal from character_version where character = k.id order by version desc limit 1
) v on true;
