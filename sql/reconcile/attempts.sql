-- What the views show of the quiz attempts of some learners. Parameter: learner_ids.
select
    shown.attempt_id as row_id,
    shown.*
from analytics.learner_quiz_attempt as shown
where shown.learner_id = any(%(learner_ids)s);
