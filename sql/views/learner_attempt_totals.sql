-- grain:   one row for each quiz attempt of an active learner
-- key:     attempt_id
-- sources: tracking_user, tracking_module, tracking_quiz, tracking_quizattempt
-- tier:    base and delta: chosen_learner stands for every_learner and for touched_work
select
    attempt.id as attempt_id,
    learner.id as learner_id,
    learner.team_id,
    quiz.module_id,
    attempt.quiz_id,
    module.title as module_title,
    attempt.score,
    attempt.passed as is_passed,
    attempt.timestamp as attempted_at
from tracking_quizattempt as attempt
inner join tracking_user as learner
    on attempt.user_id = learner.id and learner.role = 'learner' and learner.is_active
inner join tracking_quiz as quiz on attempt.quiz_id = quiz.id
inner join tracking_module as module on quiz.module_id = module.id
where attempt.user_id in (select chosen_learner.learner_id from chosen_learner)
