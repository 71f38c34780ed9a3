-- Services that came in a file can be taken back: one is removed only where no offering names it.

create index offering_service on offering (service_id);
