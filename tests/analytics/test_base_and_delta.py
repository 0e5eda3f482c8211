"""Whatever is written, however it is refreshed: the views show what computing all of it gives."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone
from django_pgviews.view import MaterializedView
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.build import build_views
from analytics.grants import grant_readers
from analytics.models import Base, Policy, RefreshRun, Stamp, Touched
from analytics.models.views import DELTA_VIEWS, OF_LEARNERS, LearnerSessionsBase
from analytics.refresh import run_refresh
from config.sql import read_sql
from tests.factories import (
    claim,
    make_attempt,
    make_learner,
    make_module,
    make_session,
    make_team,
    record,
)
from tracking.models import (
    Assignment,
    LearningSession,
    Module,
    Resource,
    Submission,
    User,
)

COMMAND = RefreshRun.Trigger.COMMAND
HOUR = dt.timedelta(hours=1)
# The days of teams, from those of learners as they are shown.
TEAM_DAYS = read_sql("views/team_day_base").replace("learner_days_base", "learner_days")

pytestmark = pytest.mark.usefixtures("committed")


# --- Any interleaving ------------------------------------------------------------------------

LEARNERS = st.integers(0, 3)
MODULES = st.integers(0, 1)
HOURS_AGO = st.integers(0, 24 * 100)

write = st.one_of(
    st.tuples(st.just("pulse"), LEARNERS, MODULES, HOURS_AGO),
    st.tuples(st.just("sessions_in_bulk"), LEARNERS, MODULES, HOURS_AGO),
    st.tuples(st.just("attempt"), LEARNERS, MODULES, HOURS_AGO),
    st.tuples(st.just("assign"), LEARNERS, MODULES, HOURS_AGO),
    st.tuples(st.just("submit"), LEARNERS, MODULES, HOURS_AGO),
    st.tuples(
        st.sampled_from(
            [
                "delete_sessions",
                "delete_submissions",
                "lengthen_sessions_by_sql",
                "give_sessions_to_the_next",
                "deactivate_or_back",
                "promote_or_back",
                "rename",
                "change_team",
                "delete_learner",
            ]
        ),
        LEARNERS,
    ),
    st.tuples(
        st.sampled_from(
            ["retitle_module", "add_resource", "delete_resource", "shorten_resources", "need_quiz"]
        ),
        MODULES,
    ),
    st.tuples(st.sampled_from(["edit_policy", "rename_team", "truncate_submissions"])),
    st.tuples(st.just("begin_elsewhere"), HOURS_AGO),
    st.tuples(st.sampled_from(["commit_elsewhere", "roll_back_elsewhere"])),
)
step = st.one_of(write, write, write, st.tuples(st.sampled_from(["delta", "delta", "base"])))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(step, min_size=3, max_size=25))
def test_any_interleaving_shows_what_a_full_computation_gives(steps: list[tuple[Any, ...]]) -> None:
    world = World()
    try:
        for name, *arguments in steps:
            getattr(world, name)(*arguments)
            if name in ("delta", "base"):
                world.compare()
        world.commit_elsewhere()
        world.delta()
        world.compare()
    finally:
        world.close()


class World:
    """Some learners and modules, and one more learner who is written in a long transaction."""

    def __init__(self) -> None:
        self.teams = [make_team(), make_team()]
        self.learners = [make_learner(self.teams[0]) for _ in range(4)]
        self.modules = [make_module(resources=2, questions=1, has_assignment=True) for _ in "ab"]
        self.far_module = make_module()
        self.far_learner = make_learner(self.teams[1])
        self.elsewhere: Any = None
        # Whoever was touched since the base hides what a write forgets to touch.
        self.base()

    def close(self) -> None:
        self.roll_back_elsewhere()
        Policy.objects.update(focus_divisor=10)

    # Writes by every way there is.

    def pulse(self, learner: int, module: int, hours: int) -> None:
        at = timezone.now() - hours * HOUR
        resource = self.modules[module].resources.first()
        if resource and self._exists(learner):
            record(
                self.learners[learner],
                claim(resource, seconds=hours % 300, at=at, completed=hours % 2 == 0),
                received_at=timezone.now(),
            )

    def sessions_in_bulk(self, learner: int, module: int, hours: int) -> None:
        if self._exists(learner):
            LearningSession.objects.bulk_create(
                LearningSession(
                    user=self.learners[learner],
                    module=self.modules[module],
                    start_time=timezone.now() - (hours + week * 7 * 24) * HOUR,
                    focus_duration_seconds=hours * 60,
                )
                for week in range(3)
            )

    def attempt(self, learner: int, module: int, hours: int) -> None:
        if self._exists(learner):
            make_attempt(
                self.learners[learner],
                self.modules[module].quiz,
                score=hours % 101,
                timestamp=timezone.now() - hours * HOUR,
            )

    def assign(self, learner: int, module: int, hours: int) -> None:
        if self._exists(learner):
            Assignment.objects.get_or_create(
                user=self.learners[learner],
                module=self.modules[module],
                defaults={"due_at": timezone.now() - (hours - 1000) * HOUR},
            )

    def submit(self, learner: int, module: int, hours: int) -> None:
        for assignment in Assignment.objects.filter(
            user=self.learners[learner], module=self.modules[module]
        ):
            assignment.submissions.create(text="done", submitted_at=timezone.now() - hours * HOUR)

    def delete_sessions(self, learner: int) -> None:
        LearningSession.objects.filter(user=self.learners[learner]).delete()

    def delete_submissions(self, learner: int) -> None:
        Submission.objects.filter(assignment__user=self.learners[learner]).delete()

    def lengthen_sessions_by_sql(self, learner: int) -> None:
        self._execute(
            "update tracking_learningsession"
            " set focus_duration_seconds = focus_duration_seconds + 90000 where user_id = %s",
            [self.learners[learner].pk],
        )

    def give_sessions_to_the_next(self, learner: int) -> None:
        following = (learner + 1) % len(self.learners)
        if self._exists(following):
            self._execute(
                "update tracking_learningsession set user_id = %s where user_id = %s",
                [self.learners[following].pk, self.learners[learner].pk],
            )

    def deactivate_or_back(self, learner: int) -> None:
        self._execute(
            "update tracking_user set is_active = not is_active where id = %s",
            [self.learners[learner].pk],
        )

    def promote_or_back(self, learner: int) -> None:
        self._execute(
            "update tracking_user set role = case role when 'learner' then 'manager'"
            " else 'learner' end where id = %s",
            [self.learners[learner].pk],
        )

    def rename(self, learner: int) -> None:
        User.objects.filter(pk=self.learners[learner].pk).update(first_name="Another")

    def change_team(self, learner: int) -> None:
        User.objects.filter(pk=self.learners[learner].pk).update(team=self.teams[1])

    def delete_learner(self, learner: int) -> None:
        User.objects.filter(pk=self.learners[learner].pk).delete()

    def retitle_module(self, module: int) -> None:
        Module.objects.filter(pk=self.modules[module].pk).update(title="Another title")

    def add_resource(self, module: int) -> None:
        Resource.objects.create(module=self.modules[module], title="One more", position=9)

    def delete_resource(self, module: int) -> None:
        if last := self.modules[module].resources.last():
            last.delete()

    def shorten_resources(self, module: int) -> None:
        self.modules[module].resources.update(duration_seconds=50)

    def need_quiz(self, module: int) -> None:
        self._execute(
            "update tracking_module set has_quiz = not has_quiz where id = %s",
            [self.modules[module].pk],
        )

    def edit_policy(self) -> None:
        self._execute("update analytics_policy set focus_divisor = focus_divisor + 1", [])

    def rename_team(self) -> None:
        self._execute(
            "update tracking_team set name = name || '.' where id = %s", [self.teams[0].pk]
        )

    def truncate_submissions(self) -> None:
        self._execute("truncate tracking_submission", [])

    # A transaction that stays open while others come and go.

    def begin_elsewhere(self, hours: int) -> None:
        if self.elsewhere is None:
            self.elsewhere = connections.create_connection("default")
            self.elsewhere.set_autocommit(False)
        with self.elsewhere.cursor() as cursor:
            cursor.execute(
                "insert into tracking_learningsession"
                " (user_id, module_id, start_time, focus_duration_seconds)"
                " values (%s, %s, now() - %s * interval '1 hour', 60)",
                [self.far_learner.pk, self.far_module.pk, hours],
            )

    def commit_elsewhere(self) -> None:
        if self.elsewhere is not None:
            self.elsewhere.commit()
            self._close_elsewhere()

    def roll_back_elsewhere(self) -> None:
        if self.elsewhere is not None:
            self.elsewhere.rollback()
            self._close_elsewhere()

    def _close_elsewhere(self) -> None:
        self.elsewhere.close()
        self.elsewhere = None

    # Refreshes.

    def delta(self) -> None:
        assert run_refresh(COMMAND).status == "done"

    def base(self) -> None:
        assert run_refresh(COMMAND, base=True).tier == "base"

    def compare(self) -> None:
        """Each view against its own statement over all learners, team days against theirs."""
        for view in OF_LEARNERS:
            assert rows_of(f"select * from {view.name}") == rows_of(over_all_learners(view.base))
        assert rows_of("select * from team_day_totals") == rows_of(TEAM_DAYS)

    def _exists(self, learner: int) -> bool:
        return User.objects.filter(pk=self.learners[learner].pk).exists()

    def _execute(self, statement: str, parameters: list[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)


def over_all_learners(base: type[MaterializedView]) -> str:
    """The statement of a base, with nothing in it that a refresh has kept."""
    return (
        f"with learner_sessions_base as ({LearnerSessionsBase.sql})"
        f" select * from ({base.sql}) as computed"
    )


def rows_of(statement: str) -> Counter[str]:
    """The rows as PostgreSQL writes them, in whatever order."""
    with connection.cursor() as cursor:
        cursor.execute(f"select row_to_json(row)::text from ({statement}) as row")
        return Counter(row[0] for row in cursor.fetchall())


# --- Each write alone ------------------------------------------------------------------------

# One for each event of each table, and for each column that the views show; in an order in which
# each changes something that they show.
EACH_WRITE = (
    (
        "insert into tracking_user"
        " (username, team_id, first_name, last_name, email, password, role, is_active, is_staff,"
        " is_superuser, date_joined)"
        " select 'newcomer', team_id, '', '', '', '', role, true, false, false, date_joined"
        " from tracking_user where id = %(learner)s"
    ),
    "update tracking_user set username = 'renamed' where id = %(learner)s",
    "update tracking_user set first_name = 'First' where id = %(learner)s",
    "update tracking_user set last_name = 'Last' where id = %(learner)s",
    "update tracking_user set team_id = %(other_team)s where id = %(learner)s",
    "update tracking_user set is_active = false where id = %(learner)s",
    "update tracking_user set is_active = true where id = %(learner)s",
    "update tracking_user set role = 'manager' where id = %(learner)s",
    "update tracking_user set role = 'learner' where id = %(learner)s",
    "delete from tracking_user where username = 'newcomer'",
    "update tracking_module set title = 'Another title' where id = %(module)s",
    "update tracking_module set has_quiz = false where id = %(module)s",
    "update tracking_module set has_assignment = false where id = %(module)s",
    (
        "insert into tracking_resource (module_id, title, kind, url, position)"
        " values (%(module)s, 'One more', 'document', '', 9)"
    ),
    "update tracking_resource set title = 'Retitled' where module_id = %(module)s",
    "update tracking_resource set duration_seconds = 77 where module_id = %(module)s",
    (
        "update tracking_resource set module_id = %(other_module)s"
        " where module_id = %(module)s and position = 9"
    ),
    (
        "update tracking_resource set module_id = %(module)s"
        " where module_id = %(other_module)s and position = 9"
    ),
    "delete from tracking_resource where module_id = %(module)s and position = 9",
    "update tracking_moduleprogress set last_accessed = now() where user_id = %(learner)s",
    (
        "insert into tracking_moduleprogress (user_id, module_id, status)"
        " values (%(other)s, %(module)s, 'not_started')"
    ),
    "delete from tracking_moduleprogress where user_id = %(other)s",
    "update tracking_moduleprogress set user_id = %(other)s where user_id = %(learner)s",
    "update tracking_resourceprogress set watch_time_seconds = 99 where user_id = %(learner)s",
    (
        "insert into tracking_resourceprogress"
        " (user_id, resource_id, completed, watch_time_seconds, watched)"
        " select %(other)s, resource_id, false, 7, watched"
        " from tracking_resourceprogress where user_id = %(learner)s"
    ),
    "delete from tracking_resourceprogress where user_id = %(other)s",
    "update tracking_resourceprogress set user_id = %(other)s where user_id = %(learner)s",
    (
        "insert into tracking_learningsession"
        " (user_id, module_id, start_time, focus_duration_seconds)"
        " values (%(other)s, %(module)s, now(), 60)"
    ),
    "update tracking_learningsession set focus_duration_seconds = 61 where user_id = %(other)s",
    "update tracking_learningsession set user_id = %(learner)s where user_id = %(other)s",
    "delete from tracking_learningsession where user_id = %(learner)s",
    (
        "insert into tracking_quizattempt (user_id, quiz_id, score, passed, timestamp, answers)"
        " select %(other)s, id, 100, true, now(), '{}'"
        " from tracking_quiz where module_id = %(module)s"
    ),
    "update tracking_quizattempt set score = 99 where user_id = %(other)s",
    "update tracking_quizattempt set user_id = %(learner)s where user_id = %(other)s",
    "update tracking_quiz set module_id = %(other_module)s where module_id = %(module)s",
    "delete from tracking_quizattempt where user_id = %(learner)s",
    (
        "insert into tracking_assignment (user_id, module_id, status, assigned_at)"
        " values (%(other)s, %(module)s, 'assigned', now())"
    ),
    "update tracking_assignment set due_at = now() where user_id = %(other)s",
    (
        "insert into tracking_submission (assignment_id, text, url, feedback, submitted_at)"
        " select id, 'done', '', '', now() from tracking_assignment where user_id = %(other)s"
    ),
    "update tracking_submission set grade = 88, graded_at = now()",
    "delete from tracking_submission",
    "update tracking_assignment set user_id = %(learner)s where user_id = %(other)s",
    "delete from tracking_assignment where user_id = %(learner)s",
)


def test_each_write_alone_is_in_the_next_delta() -> None:
    """A learner whom another write has touched hides what this one forgets: a base before each."""
    learner, other = make_learner(make_team()), make_learner(make_team())
    module = make_module(questions=1, has_assignment=True, duration_seconds=100)
    resource = module.resources.get()
    record(learner, claim(resource, played=((0, 40),)), received_at=timezone.now())
    names = {
        "learner": learner.pk,
        "other": other.pk,
        "other_team": other.team_id,
        "module": module.pk,
        "other_module": make_module(resources=0).pk,
    }

    wrong = []
    for statement in EACH_WRITE:
        run_refresh(COMMAND, base=True)
        before = [rows_of(over_all_learners(view.base)) for view in OF_LEARNERS]
        with connection.cursor() as cursor:
            cursor.execute(statement, names)
        tier = run_refresh(COMMAND).tier
        after = [rows_of(over_all_learners(view.base)) for view in OF_LEARNERS]
        shown = [rows_of(f"select * from {view.name}") for view in OF_LEARNERS]
        team_days = rows_of("select * from team_day_totals")
        right_days = rows_of(TEAM_DAYS)
        if before == after or shown != after or team_days != right_days or tier != "delta":
            wrong.append((statement, tier, before == after))

    assert wrong == []


# --- Which tier ------------------------------------------------------------------------------


def test_a_refresh_computes_only_who_was_touched() -> None:
    touched, untouched = make_learner(), make_learner()
    run_refresh(COMMAND)
    make_session(touched, make_module(), start_time=timezone.now())

    run = run_refresh(COMMAND)

    assert (run.tier, run.base_reason) == ("delta", "")
    assert column_of("select learner_id from touched_learner") == [touched.pk]
    assert column_of("select learner_id from learner_totals_delta") == [touched.pk]
    assert set(column_of("select learner_id from learner_totals")) == {touched.pk, untouched.pk}


def test_while_nobody_is_touched_only_what_the_clock_moves_is_computed() -> None:
    learner = make_learner()
    run_refresh(COMMAND)
    make_session(learner, make_module(), start_time=timezone.now())

    runs = [run_refresh(COMMAND) for _ in range(3)]

    assert [len(run.views) for run in runs] == [len(DELTA_VIEWS), 1, 1]
    assert runs[-1].views[0]["view"] == "team_totals"
    assert column_of("select active_24h from team_totals where learner_count = 1") == [1]


def test_a_delta_that_is_empty_is_filled_though_nobody_is_touched() -> None:
    make_learner()
    run_refresh(COMMAND)
    with connection.cursor() as cursor:
        cursor.execute("refresh materialized view team_day_delta with no data")

    run = run_refresh(COMMAND)

    assert (run.tier, len(run.views)) == ("delta", len(DELTA_VIEWS))


def test_a_sign_in_touches_nobody() -> None:
    learner = make_learner()
    run_refresh(COMMAND)

    User.objects.filter(pk=learner.pk).update(last_login=timezone.now(), password="another")
    run_refresh(COMMAND)

    assert column_of("select learner_id from touched_learner") == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("delete from analytics_base", "there is no base"),
        (
            "update analytics_base set system_identifier = system_identifier + 1",
            "the base is of another cluster",
        ),
        (
            "update analytics_base set snapshot = '900000000000:900000000000:'",
            "the base is of another cluster",
        ),
        ("update analytics_policy set low_engagement = 51", "the policy was changed"),
        ("update analytics_base set day = day - 1", "a new day has begun"),
        ("truncate tracking_submission", "something changed for everybody"),
        ("refresh materialized view learner_days_base with no data", "a base view is empty"),
    ],
)
def test_when_all_learners_are_computed_anew(change: str, reason: str) -> None:
    make_learner()
    run_refresh(COMMAND)
    with connection.cursor() as cursor:
        cursor.execute(change)

    first, second = run_refresh(COMMAND), run_refresh(COMMAND)

    assert (first.tier, first.base_reason) == ("base", reason)
    assert (second.tier, second.base_reason) == ("delta", "")


@pytest.mark.parametrize(
    "of_another_cluster",
    [
        "update analytics_base set system_identifier = system_identifier + 1",
        "update analytics_base set snapshot = '900000000000:900000000000:'",
        "delete from analytics_base",
    ],
)
def test_numbers_of_another_cluster_touch_nobody_after_the_base_of_this_one(
    of_another_cluster: str,
) -> None:
    learner, other = make_learner(), make_learner()
    run_refresh(COMMAND)
    with connection.cursor() as cursor:
        cursor.execute(of_another_cluster)
        cursor.execute("truncate tracking_submission")
        cursor.execute("update analytics_touched set touched_xid = '800000000000'")

    run_refresh(COMMAND)
    make_session(learner, make_module(), start_time=timezone.now())
    run = run_refresh(COMMAND)

    assert (run.tier, run.base_reason) == ("delta", "")
    assert column_of("select learner_id from touched_learner") == [learner.pk]
    assert set(column_of("select learner_id from learner_totals")) == {learner.pk, other.pk}


def test_all_learners_are_computed_anew_after_a_time_without_triggers() -> None:
    learner = make_learner()
    run_refresh(COMMAND)
    call_command("migrate", "analytics", "0004", verbosity=0)
    try:
        User.objects.filter(pk=learner.pk).update(first_name="Unnoted")
    finally:
        call_command("migrate", verbosity=0)
        build_views()
        grant_readers()

    run = run_refresh(COMMAND)

    assert (run.tier, run.base_reason) == ("base", "there is no base")
    assert column_of("select full_name from learner_totals") == ["Unnoted"]


def test_all_learners_are_computed_anew_when_many_were_touched(settings: Any) -> None:
    settings.REFRESH_BASE_FEWEST = 2
    learners = [make_learner() for _ in range(20)]
    run_refresh(COMMAND)

    tiers = []
    for count in (2, 3):
        for learner in learners[:count]:
            make_session(learner, make_module(), start_time=timezone.now())
        run = run_refresh(COMMAND)
        tiers.append((run.tier, run.base_reason))

    assert tiers == [("delta", ""), ("base", "3 learners were touched")]


def test_a_change_of_the_catalogue_touches_the_learners_it_concerns() -> None:
    concerned, other = make_learner(), make_learner()
    module = make_module()
    make_session(other, make_module(), start_time=timezone.now())
    record(concerned, claim(module.resources.get()), received_at=timezone.now())
    run_refresh(COMMAND)

    Module.objects.filter(pk=module.pk).update(title="Another title")
    run_refresh(COMMAND)

    assert column_of("select learner_id from touched_learner") == [concerned.pk]
    assert column_of("select title from analytics.learner_module") == ["Another title"]


def test_what_changes_nothing_that_is_shown_of_the_catalogue_touches_nobody() -> None:
    learner, module = make_learner(), make_module()
    record(learner, claim(module.resources.get()), received_at=timezone.now())
    run_refresh(COMMAND)

    Module.objects.update(description="More of it")
    module.resources.update(url="https://example.org/", position=3)
    run_refresh(COMMAND)

    assert column_of("select learner_id from touched_learner") == []


def test_a_pulse_leaves_attempts_and_assignments_to_their_bases() -> None:
    module = make_module(questions=1)
    studious, playing = make_learner(), make_learner()
    for learner in (studious, playing):
        make_attempt(learner, module.quiz, score=80, timestamp=timezone.now())
        record(learner, claim(module.resources.get()), received_at=timezone.now())
    run_refresh(COMMAND, base=True)

    make_attempt(studious, module.quiz, score=90, timestamp=timezone.now())
    for learner in (studious, playing):
        record(learner, claim(module.resources.get()), received_at=timezone.now())
    run_refresh(COMMAND)

    assert set(column_of("select learner_id from touched_learner")) == {studious.pk, playing.pk}
    assert column_of("select learner_id from learner_attempt_totals_delta") == [studious.pk] * 2
    assert len(column_of("select learner_id from learner_attempt_totals")) == 3


def test_whoever_the_base_holds_everything_of_leaves_the_ledger() -> None:
    learner, other = make_learner(), make_learner()
    run_refresh(COMMAND)
    gone = learner.pk

    learner.delete()
    run_refresh(COMMAND)
    before_the_base = set(Touched.objects.values_list("pk", flat=True))
    run_refresh(COMMAND, base=True)
    make_session(other, make_module(), start_time=timezone.now())
    run_refresh(COMMAND)

    assert column_of("select learner_id from learner_totals") == [other.pk]
    assert before_the_base == {gone}
    assert set(Touched.objects.filter(pk__gt=0).values_list("pk", flat=True)) == {other.pk}


def test_nobody_who_is_being_noted_waits_for_those_who_leave_the_ledger() -> None:
    learner = make_learner()
    late = connections.create_connection("default")
    late.set_autocommit(False)
    with late.cursor() as cursor:
        cursor.execute("update tracking_user set first_name = 'Late' where id = %s", [learner.pk])

    run_refresh(COMMAND)
    run_refresh(COMMAND)
    late.commit()
    late.close()
    run_refresh(COMMAND)

    shown = "select full_name from learner_totals where learner_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(shown, [learner.pk])
        assert cursor.fetchone() == ("Late",)


def test_the_sessions_of_earlier_days_are_read_when_one_of_them_is_written() -> None:
    learner, module = make_learner(), make_module()
    now = timezone.now()
    for days_ago in (200, 50, 3, 0):
        make_session(learner, module, start_time=now - dt.timedelta(days=days_ago))
    run_refresh(COMMAND)

    since = []
    for days_ago in (0, 3, 200):
        LearningSession.objects.filter(start_time=now - dt.timedelta(days=days_ago)).update(
            focus_duration_seconds=77
        )
        run_refresh(COMMAND)
        since += column_of("select sessions_since from touched_learner")

    assert since == [now.date(), (now - dt.timedelta(days=3)).date(), dt.date.min]


def test_a_transaction_that_was_open_over_the_base_is_in_the_next_refresh() -> None:
    """By its number it is older than the base; by its commit it is younger."""
    learner, module = make_learner(), make_module()
    late = connections.create_connection("default")
    late.set_autocommit(False)
    with late.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()")
    make_learner()
    run_refresh(COMMAND)
    with late.cursor() as cursor:
        cursor.execute(
            "insert into tracking_learningsession"
            " (user_id, module_id, start_time, focus_duration_seconds)"
            " values (%s, %s, now(), 60)",
            [learner.pk, module.pk],
        )
    run_refresh(COMMAND)
    before = column_of(f"select focus_seconds from learner_totals where learner_id = {learner.pk}")
    late.commit()
    late.close()

    run = run_refresh(COMMAND)

    assert run.tier == "delta"
    assert before == [0]
    assert column_of(
        f"select focus_seconds from learner_totals where learner_id = {learner.pk}"
    ) == [60]


def test_an_edit_of_content_that_was_open_over_the_base_reaches_who_began_it_meanwhile() -> None:
    learner, module = make_learner(), make_module()
    editor = connections.create_connection("default")
    editor.set_autocommit(False)
    with editor.cursor() as cursor:
        cursor.execute("update tracking_module set title = 'New' where id = %s", [module.pk])
    record(learner, claim(module.resources.get()), received_at=timezone.now())
    run_refresh(COMMAND, base=True)
    editor.commit()
    editor.close()

    run = run_refresh(COMMAND)

    assert run.tier == "delta"
    assert column_of("select title from learner_module_totals") == ["New"]


def test_the_base_says_what_it_saw() -> None:
    make_learner()
    run = run_refresh(COMMAND)

    base, stamp = Base.objects.get(), Stamp.objects.get()

    assert base.refresh_id == run.pk
    assert (base.computed_at, base.snapshot) == (stamp.computed_at, stamp.snapshot)
    assert base.day == stamp.computed_at.astimezone(dt.UTC).date()
    assert base.learner_count == 1


def test_writers_of_many_learners_in_any_order_do_not_wait_for_each_other_for_good(
    both_at_once: Callable[[list[int], list[int]], None],
) -> None:
    learners = [make_learner().pk for _ in range(30)]

    both_at_once(learners, learners[::-1])

    assert LearningSession.objects.count() == 60 * 5


@pytest.fixture
def both_at_once() -> Callable[[list[int], list[int]], None]:
    """Two threads that write sessions of all learners, five times, each in its own order."""
    module = make_module()

    def insert(learners: list[int]) -> None:
        try:
            for _ in range(5):
                with transaction.atomic():
                    LearningSession.objects.bulk_create(
                        LearningSession(user_id=learner, module=module, start_time=timezone.now())
                        for learner in learners
                    )
        finally:
            connection.close()

    def run(*orders: list[int]) -> None:
        with ThreadPoolExecutor(len(orders)) as pool:
            list(pool.map(insert, orders))

    return run


# --- Helpers ---------------------------------------------------------------------------------


def column_of(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]
