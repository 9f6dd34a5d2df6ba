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
