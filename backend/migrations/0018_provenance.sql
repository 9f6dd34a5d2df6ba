-- What an invisible mark says. It outlives its clip: a file can still be told to be from here.
create table clip_mark (
    mark bigint primary key check (mark between 1 and 281474976710655),
    clip uuid unique references clip on delete set null
);

-- Every file that was made here, by what it holds; outlives its clip too.
create table clip_file (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    clip   uuid references clip on delete set null
);
create index on clip_file (clip);
insert into clip_file (sha256, clip)
select distinct on (media #>> '{video,sha256}') media #>> '{video,sha256}', id from clip
where status = 'completed' and imported_from is null and media #>> '{video,sha256}' is not null
order by media #>> '{video,sha256}', id
on conflict do nothing;

-- What a clip's pictures look like, one each second: PDQ, 256 bits.
create table clip_print (
    clip  uuid not null references clip on delete cascade,
    place integer not null,
    hash  bit(256) not null,
    primary key (clip, place)
);
create index on clip_print using hnsw (hash bit_hamming_ops);

-- A file that somebody asks about. `key` seals its bytes in the store; with the row it is gone.
create table inspection (
    id         uuid primary key default uuidv7(),
    key        bytea,
    media_key  text not null,
    state      text not null default 'queued' check (state in ('queued', 'completed', 'failed')),
    attempts   integer not null default 0,
    found      jsonb,
    created_at timestamptz not null default now(),
    check ((state = 'completed') = (found is not null)),
    check (state = 'queued' or key is null)
);
create index on inspection (created_at);
