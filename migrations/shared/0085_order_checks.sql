-- Whoever a register left without an answer is asked about after those who were not asked yet, so the worker reads how
-- often that was.

-- +goose Up
set local role kindward_owner;
grant select (attempts) on onboarding.step to kindward_relay;
reset role;
