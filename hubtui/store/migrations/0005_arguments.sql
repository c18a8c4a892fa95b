-- What a job is asked for beyond services: how many containers a scale wants, what a clean may take along.
alter table jobs add column arguments text not null default '[]';
