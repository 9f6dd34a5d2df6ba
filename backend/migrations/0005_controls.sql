-- Whether the references of a version hold a voice; null: measured before this was noted, or not measured yet.
alter table character_version add column has_voice boolean;

-- A draft that is made again keeps its files until the new take is finished. What it goes back to if that fails:
-- {screenplay, seed, attempts}; null: nothing is being made again.
alter table clip add column retake jsonb;
alter table clip drop constraint clip_check;
alter table clip drop constraint clip_check1;
alter table clip add check (case status when 'completed' then media is not null when 'failed' then media is null
    else (media is not null) = (retake is not null) end);
alter table clip add check (case status when 'failed' then error_code is not null when 'completed' then true
    else error_code is null end);
alter table clip add check (status in ('queued', 'in_progress') or retake is null);
