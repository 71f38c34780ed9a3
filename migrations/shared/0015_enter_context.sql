-- Entering a tenant is one statement with a constant text. It can be kept as a prepared plan, and a distributed engine
-- can be told of it: there the generator writes the same function with SET LOCAL, which such an engine sends on.

-- +goose Up
set local role kindward_ctx;

-- Nothing of it may be SECURITY DEFINER or have a path of its own: the settings would end with the function. It gives
-- nobody a right that set_config() does not give: what is set counts only if the ticket verifies. The path is set last,
-- for the expressions before are planned under the path that each transaction begins with.
-- +goose StatementBegin
create function ctx.enter(ticket text, schema text, ip text, request text, staff_access text, policy text) returns void
language plpgsql volatile as $$
declare
    done text;
begin
    done := pg_catalog.set_config('app.ctx', ticket, true);
    done := pg_catalog.set_config('app.ip', ip, true);
    done := pg_catalog.set_config('app.request', request, true);
    done := pg_catalog.set_config('app.staff_access', staff_access, true);
    done := pg_catalog.set_config('app.policy', policy, true);
    done := pg_catalog.set_config('search_path', pg_catalog.quote_ident(schema) operator(pg_catalog.||) ', pg_temp', true);
end
$$;
-- +goose StatementEnd
comment on function ctx.enter is 'Shows a ticket and steps into a schema, until the end of the transaction. With an empty ticket and the template''s schema it leaves: nothing that an earlier statement left on the connection counts as a context.';
revoke all on function ctx.enter(text, text, text, text, text, text) from public;
grant execute on function ctx.enter(text, text, text, text, text, text) to kindward_app;
reset role;
