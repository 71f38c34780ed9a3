-- Where a visit was made stays: addresses are added, and no statement changes or removes one. So nobody may.

revoke update, delete on home_address from kindward_app;
