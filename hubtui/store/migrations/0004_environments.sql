-- The named environment that a job is done in; null: the project's folder as Compose reads it.
alter table jobs add column environment text;
