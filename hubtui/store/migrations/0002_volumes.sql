-- Volumes that a start may find empty though they had data: what a person said when they were lost.
alter table jobs add column empty_volumes text not null default '[]';
