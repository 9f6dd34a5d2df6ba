-- What the pictures of files look like that were taken away for good cause: no copy of them comes back either.
-- Kept apart from clip_print, which goes with its clip.
create table known_print (
    measure uuid not null references moderation_measure on delete cascade,
    place   integer not null,
    hash    bit(256) not null,
    primary key (measure, place)
);
create index on known_print using hnsw (hash bit_hamming_ops);

create or replace function know_file() returns trigger language plpgsql as $$
begin
    if not exists (
        select from report r where r.subject_type = 'clip' and r.subject = new.subject
            and (r.source = 'notice' or r.reason in ('child_safety', 'non_consensual_intimate'))
    ) then
        return null;
    end if;
    insert into known_file (sha256, measure)
    select m.value ->> 'sha256', new.id from clip c, jsonb_each(c.media) m
    where c.id = new.subject and m.key in ('video', 'stamped')
    on conflict do nothing;
    insert into known_print (measure, place, hash)
    select new.id, place, hash from clip_print where clip = new.subject
    on conflict do nothing;
    return null;
end
$$;

-- Removals that stand already.
insert into known_print (measure, place, hash)
select distinct k.measure, p.place, p.hash
from known_file k join moderation_measure m on m.id = k.measure join clip_print p on p.clip = m.subject
on conflict do nothing;
