-- Keys by which nobody asks: publishing and opening hours read all offerings and schedules of an organization, and no
-- statement deletes what they refer to. A test holds each deletion of a parent, should one come, to an index.

drop index offering_service, offering_location, offering_schedule, offering_practitioner, schedule_location,
    schedule_practitioner, offering_resource_resource;
