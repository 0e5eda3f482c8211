-- The teams, in random order, with how many of their learners were written to since the refresh. A
-- learner who left or came is known only where the touch was; so any touch of a person who is or
-- was in a team passes the team over.
select
    totals.team_id,
    coalesce(since.passed_over, 0) as passed_over
from team_totals as totals
inner join tracking_team as team on totals.team_id = team.id
left join (
    select
        person.team_id,
        count(*) as passed_over
    from (
        select
            account.team_id,
            account.id
        from tracking_user as account
        union
        select
            learner_totals.team_id,
            learner_totals.learner_id
        from learner_totals
    ) as person
    inner join analytics_touched as touched on person.id = touched.learner_id
    cross join analytics_stamp as stamp
    where not pg_visible_in_snapshot(touched.touched_xid, stamp.snapshot)
    group by person.team_id
) as since on totals.team_id = since.team_id
order by random();
