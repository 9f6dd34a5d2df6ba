-- Files that arrive or leave in parts, each part sealed under the file's own key. The row outlives its account until the
-- bytes are swept, and its destroyed key is remembered until the master key of its time is gone.

create table sealed_file (
    id               uuid primary key default uuidv7(),
    account          uuid not null,
    receipt          uuid references consent_receipt on delete set null, -- under which a face or voice was accepted
    wrapped_key      bytea,
    size             bigint not null default 0 check (size >= 0),
    created_at       timestamptz not null default now(),
    key_destroyed_at timestamptz,
    swept_at         timestamptz,
    check ((wrapped_key is null) = (key_destroyed_at is not null))
);
create index on sealed_file (account) where wrapped_key is not null;
create index on sealed_file (receipt) where wrapped_key is not null;
create index on sealed_file (id) where wrapped_key is null and swept_at is null;

create table sealed_part (
    file      uuid not null references sealed_file on delete cascade,
    start     bigint not null check (start >= 0),
    size      integer not null check (size > 0),
    media_key text not null unique,
    primary key (file, start)
);

-- What a client sends by tus. `lease`: whose PATCH is writing; it lapses when nothing arrives.
create table upload (
    id           uuid primary key references sealed_file on delete cascade,
    account      uuid not null references account on delete cascade,
    kind         text not null,
    filename     text not null,
    metadata     text not null, -- as it was sent: HEAD gives it back
    length       bigint not null check (length > 0),
    lease        uuid,
    leased_until timestamptz,
    expires_at   timestamptz not null,
    completed_at timestamptz
);
create index on upload (account);
create index on upload (expires_at);

create function destroy_sealed_of_account() returns trigger language plpgsql as $$
begin
    update sealed_file set wrapped_key = null, key_destroyed_at = clock_timestamp()
    where account = old.id and wrapped_key is not null;
    return old;
end
$$;
create trigger destroy_sealed_of_deleted before delete on account for each row
    execute function destroy_sealed_of_account();

create function destroy_sealed_under_receipt() returns trigger language plpgsql as $$
begin
    update sealed_file set wrapped_key = null, key_destroyed_at = clock_timestamp()
    where receipt = new.receipt and wrapped_key is not null;
    return null;
end
$$;
create trigger destroy_sealed_of_withdrawn after update of withdrawn_at on consent_purpose for each row
    when (new.withdrawn_at is not null and new.purpose = 'store')
    execute function destroy_sealed_under_receipt();

-- What changed for an account's clients that were offline: only that something did; what it is now is looked up when
-- it is asked for, by the same rules as ever. Rows of one transaction become visible at once, and transactions do not
-- end in the order of their numbers: a reader goes as far as the oldest one that is still open (social/changes.py).
create table change (
    id      bigint generated always as identity,
    tx      bigint not null default pg_current_xact_id()::text::bigint,
    account uuid not null, -- no reference: written while an account is being deleted, too
    type    text not null check (type in ('video', 'character', 'notice', 'account')),
    subject uuid not null,
    at      timestamptz not null default now(),
    primary key (account, tx, id)
);
create index on change (at);

create function note_change(whose uuid, what text, which uuid) returns void language sql as $$
    insert into change (account, type, subject) select whose, what, which where exists (select from account where id = whose)
$$;

-- Its maker, the people it shows, and whoever follows the maker and may see it, or might have until now.
create function note_clip(which clip, widest text) returns void language sql as $$
    insert into change (account, type, subject)
    select told.account, 'video', which.id
    from (
        select which.account as account
        union select k.owner from use u join character k on k.id = u.character where u.clip = which.id
        union select f.follower from follow f
        where f.followed = which.account
            and (widest = 'everyone' or (widest = 'friends' and mutuals(which.account, f.follower)))
    ) told
    where exists (select from account a where a.id = told.account)
$$;

create function note_changed_clip() returns trigger language plpgsql as $$
begin
    perform note_clip(case tg_op when 'DELETE' then old else new end, case
        when tg_op <> 'INSERT' and old.audience = 'everyone' or tg_op <> 'DELETE' and new.audience = 'everyone' then 'everyone'
        when tg_op <> 'INSERT' and old.audience = 'friends' or tg_op <> 'DELETE' and new.audience = 'friends' then 'friends'
        else 'only_me'
    end);
    return case tg_op when 'DELETE' then old else new end;
end
$$;
create trigger note_made after insert on clip for each row execute function note_changed_clip();
create trigger note_gone before delete on clip for each row execute function note_changed_clip();
create trigger note_changed after update on clip for each row
    when (
        (old.status, old.audience, old.caption, old.allow_remix, old.media, old.screenplay, old.error_code,
            old.published_at, old.removed_at, old.hidden_at, old.identity_report)
        is distinct from
        (new.status, new.audience, new.caption, new.allow_remix, new.media, new.screenplay, new.error_code,
            new.published_at, new.removed_at, new.hidden_at, new.identity_report)
    )
    execute function note_changed_clip();

create function note_new_use() returns trigger language plpgsql as $$
begin
    perform note_change((select owner from character where id = new.character), 'video', new.clip);
    return null;
end
$$;
create trigger note_used after insert on use for each row execute function note_new_use();

create function note_changed_character() returns trigger language plpgsql as $$
begin
    perform note_change(case tg_op when 'DELETE' then old.owner else new.owner end, 'character',
        case tg_op when 'DELETE' then old.id else new.id end);
    return null;
end
$$;
create trigger note_made_or_gone after insert or delete on character for each row
    execute function note_changed_character();
create trigger note_changed after update on character for each row
    when (to_jsonb(old) - 'last_used_at' - 'expires_at' is distinct from to_jsonb(new) - 'last_used_at' - 'expires_at')
    execute function note_changed_character();

create function note_changed_version() returns trigger language plpgsql as $$
begin
    perform note_change((select owner from character where id = new.character), 'character', new.character);
    return null;
end
$$;
create trigger note_made after insert on character_version for each row execute function note_changed_version();
create trigger note_changed after update on character_version for each row
    when (old.state is distinct from new.state or old.key_destroyed_at is distinct from new.key_destroyed_at)
    execute function note_changed_version();

create function note_changed_notice() returns trigger language plpgsql as $$
begin
    perform note_change(case tg_op when 'DELETE' then old.account else new.account end, 'notice',
        case tg_op when 'DELETE' then old.id else new.id end);
    return null;
end
$$;
create trigger note_changed after insert or update or delete on notice for each row
    execute function note_changed_notice();

-- What is withdrawn changes one's own characters, and for others the clips that show them.
create function note_withdrawn_consent() returns trigger language plpgsql as $$
begin
    perform note_change(k.owner, 'character', k.id) from character k where k.consent = new.receipt;
    perform note_clip(c, c.audience)
    from clip c where exists (
        select from use u join character k on k.id = u.character where u.clip = c.id and k.consent = new.receipt
    );
    return null;
end
$$;
create trigger note_withdrawn after update of withdrawn_at on consent_purpose for each row
    execute function note_withdrawn_consent();

-- Two people came closer or went apart: what the one holds of the other is to be asked for again.
create function note_changed_follow() returns trigger language plpgsql as $$
begin
    perform note_change(coalesce(new.follower, old.follower), 'account', coalesce(new.followed, old.followed));
    perform note_change(coalesce(new.followed, old.followed), 'account', coalesce(new.follower, old.follower));
    return null;
end
$$;
create trigger note_changed after insert or delete on follow for each row execute function note_changed_follow();

create function note_changed_block() returns trigger language plpgsql as $$
begin
    perform note_change(coalesce(new.blocker, old.blocker), 'account', coalesce(new.blocked, old.blocked));
    perform note_change(coalesce(new.blocked, old.blocked), 'account', coalesce(new.blocker, old.blocker));
    return null;
end
$$;
create trigger note_changed after insert or delete on block for each row execute function note_changed_block();

-- An account that leaves: what is gone since when. No reference: the row outlives the account, and names nobody.
create table account_departure (
    id                 uuid primary key default gen_random_uuid(),
    account            uuid not null,
    asked_at           timestamptz not null default now(), -- since when face and voice are unreadable
    due_at             timestamptz not null,
    cancelled_at       timestamptz,
    media_deleted_at   timestamptz,
    account_deleted_at timestamptz
);
create unique index on account_departure (account) where cancelled_at is null and account_deleted_at is null;
create index on account_departure (due_at) where cancelled_at is null and account_deleted_at is null;

-- Everything of an account as one sealed ZIP, and what an account brings along from elsewhere.
create table export (
    id           uuid primary key default gen_random_uuid(),
    account      uuid not null references account on delete cascade,
    state        text not null default 'queued' check (state in ('queued', 'in_progress', 'completed', 'failed')),
    progress     integer not null default 0 check (progress between 0 and 100),
    file         uuid references sealed_file on delete set null,
    created_at   timestamptz not null default now(),
    completed_at timestamptz,
    expires_at   timestamptz
);
create unique index on export (account) where state in ('queued', 'in_progress');

create table import (
    id            uuid primary key default gen_random_uuid(),
    account       uuid not null references account on delete cascade,
    upload        uuid not null,
    state         text not null default 'queued' check (state in ('queued', 'in_progress', 'completed', 'failed')),
    progress      integer not null default 0 check (progress between 0 and 100),
    error_code    text,
    error_message text,
    taken_in      jsonb, -- {clips, known, notices, characters_waiting}
    created_at    timestamptz not null default now(),
    completed_at  timestamptz
);
create unique index on import (account) where state in ('queued', 'in_progress');

-- A clip that was made elsewhere: nobody it shows has agreed to anything here, so it stays its owner's own.
alter table clip
    add column imported_from uuid, -- its id where it was made
    add check (imported_from is null or audience = 'only_me');
create unique index on clip (account, imported_from) where imported_from is not null;
