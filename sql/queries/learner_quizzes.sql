-- The quiz attempts of one learner up to the stamp, newest first.
-- Parameters: learner_id, computed_at.
select
    attempt.quiz_id,
    module.title as module_title,
    attempt.score::double precision as score,
    attempt.passed,
    attempt.timestamp
from tracking_quizattempt as attempt
inner join tracking_quiz as quiz on attempt.quiz_id = quiz.id
inner join tracking_module as module on quiz.module_id = module.id
where attempt.user_id = %(learner_id)s and attempt.timestamp <= %(computed_at)s
order by attempt.timestamp desc, attempt.id desc;
