-- What was measured of the finished clip, by speaker ({face, voice, wer, …}); null: nothing was.
alter table clip add column identity_report jsonb;
