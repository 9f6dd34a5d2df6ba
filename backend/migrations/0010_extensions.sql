-- A clip that extends another begins with its pictures: {at_s, video, captions}, the files that it goes on from;
-- null: it begins by itself.
alter table clip add column continues jsonb;

-- What was given beside the words: without it the clip can be made again in part only. It is forgotten when a clip is
-- published, and this is what then still tells of it.
alter table clip add column pictured boolean not null default false; -- a picture became its scene
alter table clip add column driven boolean not null default false; -- a recording drives somebody
update clip c set pictured = g.scene, driven = g.performances <> '[]'::jsonb from clip_given g where g.clip = c.id;

-- A file that comes back is recognised.
create index on clip ((media #>> '{video,sha256}')) where media is not null;
