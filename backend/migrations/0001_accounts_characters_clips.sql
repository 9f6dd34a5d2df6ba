create extension if not exists citext;

create table account (
    id            uuid primary key default uuidv7(),
    handle        citext not null unique,
    display_name  text not null,
    password_hash text not null,
    birth_date    date not null,
    role          text not null default 'member' check (role in ('member', 'moderator', 'operator')),
    invited_by    uuid references account on delete set null,
    created_at    timestamptz not null default now()
);

-- issuer null: made on the command line
create table invite (
    code       text primary key,
    issuer     uuid references account on delete cascade,
    role       text not null default 'member' check (role in ('member', 'moderator', 'operator')),
    max_uses   integer not null check (max_uses > 0),
    uses       integer not null default 0 check (uses between 0 and max_uses),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz not null default now()
);

create table api_key (
    id            uuid primary key default uuidv7(),
    account       uuid not null references account on delete cascade,
    name          text not null,
    scopes        text[] not null,
    secret_sha256 bytea not null unique,
    created_at    timestamptz not null default now(),
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
create index on api_key (account);

create table quota_day (
    account uuid not null references account on delete cascade,
    day     date not null,
    used    integer not null check (used >= 0),
    primary key (account, day)
);

create table character (
    id           uuid primary key default uuidv7(),
    owner        uuid not null references account on delete cascade,
    kind         text not null check (kind in ('person', 'pet', 'object', 'drawn')),
    name         text not null,
    handle       citext not null unique,
    version      integer not null default 1,
    audience     text not null check (audience in ('only_me', 'approved', 'mutuals', 'everyone')),
    preferences  text not null,
    restrictions text[] not null,
    height_cm    real,
    build        text not null,
    rights       text, -- an archive character: why this is allowed
    state        text not null default 'processing' check (state in ('processing', 'ready', 'refused', 'revoked')),
    refusal      jsonb, -- {check, message} when refused
    attempts     integer not null default 0,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    expires_at   timestamptz not null default now() + interval '3 years'
);
create index on character (owner, id);

-- The key under which everything of one version is sealed. Destroying it destroys the version.
create table character_version (
    character        uuid not null references character on delete cascade,
    version          integer not null,
    wrapped_key      bytea,
    created_at       timestamptz not null default now(),
    key_destroyed_at timestamptz,
    primary key (character, version),
    check ((wrapped_key is null) = (key_destroyed_at is not null))
);

create table vault_object (
    character uuid not null,
    version   integer not null,
    name      text not null,
    media_key text not null,
    primary key (character, version, name),
    foreign key (character, version) references character_version on delete cascade
);

create table vault_opening (
    id        uuid primary key default uuidv7(),
    character uuid not null,
    version   integer not null,
    purpose   text not null check (purpose in ('enrol', 'clip')),
    clip      uuid,
    at        timestamptz not null default now()
);
create index on vault_opening (character, at);

create table clip (
    id             uuid primary key default uuidv7(),
    account        uuid not null references account on delete cascade,
    status         text not null default 'queued' check (status in ('queued', 'in_progress', 'completed', 'failed')),
    progress       integer not null default 0 check (progress between 0 and 100),
    stage          text not null default 'queued',
    shot           integer not null default 0,
    prompt         text not null,
    model          text not null,
    size           text not null,
    seconds        text not null,
    seed           bigint not null,
    audience       text not null default 'only_me' check (audience in ('only_me', 'friends', 'everyone')),
    caption        text not null default '',
    allow_remix    boolean not null default true,
    remixed_from   uuid references clip on delete set null,
    screenplay     jsonb,
    engine         jsonb, -- {name, version, fallbacks}
    stages         jsonb, -- [{stage, seconds}], in order
    engine_seconds double precision,
    error_code     text,
    error_message  text,
    attempts       integer not null default 0,
    debited_on     date not null,
    refunded_at    timestamptz,
    created_at     timestamptz not null default now(),
    completed_at   timestamptz,
    expires_at     timestamptz,
    media          jsonb, -- variant -> {key, size, sha256, media_type}
    blurhash       text,
    check ((status = 'completed') = (media is not null)),
    check ((status = 'failed') = (error_code is not null)),
    check (status <> 'failed' or refunded_at is not null)
);
create index on clip (account, id);

-- A use: one clip that shows a character, with what was decided and why.
create table use (
    clip      uuid not null references clip on delete cascade,
    character uuid not null references character on delete cascade,
    version   integer not null,
    speaker   text not null,
    decision  jsonb not null,
    at        timestamptz not null default now(),
    primary key (clip, character),
    unique (clip, speaker)
);
create index on use (character, clip);

create table idempotency (
    account     uuid not null references account on delete cascade,
    key         text not null,
    body_sha256 bytea not null,
    clip        uuid not null references clip on delete cascade,
    at          timestamptz not null default now(),
    primary key (account, key)
);
create index on idempotency (at);

-- Why this account may not cast this character now; null = it may. The one place that decides.
create function cast_refusal(asker uuid, subject "character") returns text language sql stable as $$
    select case
        when subject.state = 'revoked' then 'revoked'
        when subject.state <> 'ready' then 'not_ready'
        when subject.owner = asker then null
        when subject.audience = 'everyone' then null
        else 'audience'
    end
$$;

-- What an account may see; every read of a clip goes through here.
create function visible_clip(viewer uuid) returns setof clip language sql stable as $$
    select c.*
    from clip c
    where c.account = viewer
       or (c.audience = 'everyone' and c.status = 'completed')
       or exists (
            select from use u join character k on k.id = u.character where u.clip = c.id and k.owner = viewer
       )
$$;
