insert into tracking_quiz (id, module_id, title, pass_score)
select
    id / 2,
    id,
    '',
    70
from tracking_module
where has_quiz;
