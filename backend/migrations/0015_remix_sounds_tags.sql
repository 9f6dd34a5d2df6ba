-- Whose words and whose sound a clip was made from; both outlive what they name. And tags, challenges.

alter table clip
    add column suggestion   uuid, -- the comment whose words were its prompt
    add column suggested_by uuid references account on delete set null,
    add column sound_of     uuid, -- the clip whose sound it has
    add column sound_by     uuid references account on delete set null,
    add column allow_sound  boolean not null default true;
create index on clip (sound_of, id) where sound_of is not null;

-- A clip and everything made from it. Lineage has no gaps where clips or accounts were deleted.
create or replace function clip_and_descendants(root uuid[]) returns setof uuid language sql stable as $$
    with recursive below as (
        select unnest(root) as id
        union
        select l.clip from lineage l join below b on l.parent = b.id
    )
    select id from below
$$;

-- Read from the caption whenever that changes; case-folded.
create table clip_tag (
    tag  text not null check (char_length(tag) between 1 and 50),
    clip uuid not null references clip on delete cascade,
    primary key (tag, clip)
);
create index on clip_tag (clip);

create table challenge (
    id         uuid primary key default uuidv7(),
    maker      uuid not null references account on delete cascade,
    tag        text not null check (char_length(tag) between 1 and 50),
    title      text not null,
    prompt     text not null,
    starter    uuid references clip on delete set null,
    created_at timestamptz not null default now(),
    ends_at    timestamptz not null check (ends_at > created_at)
);
create index on challenge (maker, ends_at);
create index on challenge (tag, ends_at);
create index on challenge (starter) where starter is not null;
