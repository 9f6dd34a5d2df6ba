-- A file with the visible mark is wanted, for the maker's name of that moment; gone as soon as it is there
-- (clip.media, 'stamped'). failed_at: it could not be made.
create table clip_stamp (
    clip      uuid primary key references clip on delete cascade,
    handle    text not null,
    attempts  integer not null default 0,
    failed_at timestamptz,
    asked_at  timestamptz not null default now()
);
create index on clip ((media #>> '{stamped,sha256}')) where media is not null;

-- A copy that nobody but its downloader asked for is no change of the clip.
drop trigger note_changed on clip;
create trigger note_changed after update on clip for each row
    when (
        (old.status, old.audience, old.caption, old.allow_remix, old.media - 'stamped', old.screenplay, old.error_code,
            old.published_at, old.removed_at, old.hidden_at, old.identity_report)
        is distinct from
        (new.status, new.audience, new.caption, new.allow_remix, new.media - 'stamped', new.screenplay, new.error_code,
            new.published_at, new.removed_at, new.hidden_at, new.identity_report)
    )
    execute function note_changed_clip();
