-- How a tenant is entered: a ticket and a schema.
select ctx.enter(@ticket, @schema, '', 'bench', '', '');
