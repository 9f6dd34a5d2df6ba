-- A clip and everything made from it, now with the clips that have its sound: a removal for somebody who is heard reaches
-- those too.
create or replace function clip_and_descendants(root uuid[]) returns setof uuid language sql stable as $$
    with recursive below as (
        select unnest(root) as id
        union
        select made.id from below b cross join lateral (
            select l.clip as id from lineage l where l.parent = b.id
            union all
            select c.id from clip c where c.sound_of = b.id
        ) made
    )
    select id from below
$$;
