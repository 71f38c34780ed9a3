-- IsDemonstration tells whether the database was made as a demonstration: its people are invented, its passwords shown.
-- name: IsDemonstration :one
select exists (select 1 from directory.demonstration);
