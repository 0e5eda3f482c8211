-- Two videos of ten minutes a module; those of module 1 are 1 and 2.
insert into tracking_resource (id, module_id, title, kind, url, duration_seconds, position)
select
    2 * (module.id - 1) + place,
    module.id,
    'Video ' || place,
    'video',
    '',
    600,
    place
from tracking_module as module
cross join generate_series(1, 2) as place;
