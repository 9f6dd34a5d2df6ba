-- What a maker gave with one clip beside the words: a picture that becomes the scene, recordings that drive a speaker.
-- Sealed under a key of the clip's own. Whatever makes it needless destroys the key in the same transaction.

create table clip_given (
    id               uuid primary key,
    clip             uuid not null unique, -- no reference: the row outlives a deleted clip until its bytes are swept
    receipt          uuid references consent_receipt on delete set null, -- under which a recording was accepted
    wrapped_key      bytea,
    key_destroyed_at timestamptz,
    swept_at         timestamptz,
    scene            boolean not null,
    performances     jsonb not null, -- [{name, speaker, voice, vouched_by}]
    created_at       timestamptz not null default now(),
    check ((wrapped_key is null) = (key_destroyed_at is not null))
);
create index on clip_given (id) where wrapped_key is null and swept_at is null;
create index on clip_given (receipt) where wrapped_key is not null;

create table clip_given_object (
    given     uuid not null references clip_given on delete cascade,
    name      text not null,
    media_key text not null unique,
    primary key (given, name)
);

-- A failed, published or removed clip is not made again from what was given; a finished draft may be.
create function forget_given() returns trigger language plpgsql as $$
begin
    update clip_given set wrapped_key = null, key_destroyed_at = clock_timestamp()
    where clip = old.id and wrapped_key is not null;
    return null;
end
$$;
create trigger forget_given_of_deleted after delete on clip for each row execute function forget_given();
create trigger forget_given_of_ended after update of status, published_at, removed_at on clip for each row
    when (new.status = 'failed' or new.published_at is not null or new.removed_at is not null)
    execute function forget_given();

-- Recordings of somebody who takes their consent back.
create function forget_given_under_receipt() returns trigger language plpgsql as $$
begin
    update clip_given set wrapped_key = null, key_destroyed_at = clock_timestamp()
    where receipt = new.receipt and wrapped_key is not null;
    return null;
end
$$;
create trigger forget_given_of_withdrawn after update of withdrawn_at on consent_purpose for each row
    when (new.withdrawn_at is not null and new.purpose in ('store', 'generate'))
    execute function forget_given_under_receipt();
