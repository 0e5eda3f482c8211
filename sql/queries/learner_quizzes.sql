-- The quiz attempts of one learner, newest first. Parameter: learner_id.
select
    quiz_id,
    module_title,
    score::double precision as score,
    is_passed as passed,
    attempted_at as timestamp
from analytics.learner_quiz_attempt
where learner_id = %(learner_id)s
order by attempted_at desc, attempt_id desc;
