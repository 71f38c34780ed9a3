-- A search as it would be without an index of our own: one reason, ranked by rating, distance and the next free time.
select l.resources, l.id, l.location_name, l.street, l.city, l.practitioner, l.specialty, l.languages, l.payers_accepted, l.payers_refused,
    l.price_cents, l.rating, l.ratings, a.next_at,
    0.4 * l.rating / 5 + 0.3 * exp(-sqrt(power((l.lat - @lat) * 111, 2) + power((l.lon - @lon) * 83, 2)) / 10)
      + 0.3 * exp(-greatest(0, extract(epoch from a.next_at - now())) / 604800) as score
from market.listing l left join market.availability a on a.listing_id = l.id
where l.live and l.reason_code = @reason
order by score desc nulls last, l.id limit @hits;
