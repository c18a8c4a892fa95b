-- Volumes that a start may find empty though they had data: what a person said when they were lost.
alter table jobs add column empty_volumes text not null default '[]';
-- What to know of a service on the engine of its run; of a run, the versions of what holds it.
alter table services add column notes text not null default '[]';
alter table runs add column versions text not null default '{}';
