"""The admin site: every page opens, evidence stays as it is, rules hold there as well."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from analytics.models import Policy, RefreshRun, Stamp
from config.audit import audit
from tests.audit_log import entries
from tests.factories import (
    ZERO,
    answers_to,
    claim,
    make_assignment,
    make_learner,
    make_module,
    make_team,
    make_user,
    record,
)
from tracking.admin import seconds_text
from tracking.models import (
    Assignment,
    Choice,
    Module,
    Question,
    Quiz,
    QuizAttempt,
    Submission,
    Team,
    TokenFamily,
    User,
)
from tracking.quizzes import record_attempt

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
READ_ONLY = {
    "analytics.AuditEntry",
    "analytics.RefreshRun",
    "analytics.Stamp",
    "tracking.LearningSession",
    "tracking.ModuleProgress",
    "tracking.QuizAttempt",
    "tracking.ResourceProgress",
    "tracking.TokenFamily",
}
NOT_ADDED = READ_ONLY | {"analytics.Policy", "tracking.Submission"}


def make_world() -> User:
    """At least one object of everything; more of what belongs to learners at each call."""
    learner = make_learner()
    module = make_module(resources=2, questions=2, has_assignment=True)
    record(learner, claim(module.resources.all()[0], played=((0, 15), (40, 65)), completed=True))
    record_attempt(
        learner=learner,
        quiz=module.quiz,
        answers=answers_to(module.quiz, right=1),
        received_at=ZERO,
    )
    make_assignment(learner, module, due_at=ZERO, submitted_at=ZERO)
    TokenFamily.objects.create(user=learner, current_jti="x", rotated_at=ZERO, expires_at=ZERO)
    run = RefreshRun.objects.create(
        started_at=ZERO, finished_at=ZERO, status="done", trigger="schedule"
    )
    Stamp.objects.update_or_create(id=1, defaults={"refresh": run, "computed_at": ZERO})
    audit(actor_id=learner.pk, action="read_learners")
    Group.objects.create(name=learner.username)
    return learner


@pytest.fixture
def boss(db: None) -> User:
    return make_user("admin", username="boss", is_staff=True, is_superuser=True)


@pytest.fixture
def client(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def form_of(client: Client, path: str) -> dict[str, Any]:
    """What the browser would send from this page if nothing was touched."""
    context = client.get(path).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if bound.field.widget.__class__.__name__ == "AdminSplitDateTime":
                for index, part in enumerate(bound.field.widget.decompress(value)):
                    data[f"{bound.html_name}_{index}"] = "" if part is None else str(part)
            elif isinstance(value, list):
                data[bound.html_name] = [str(getattr(one, "pk", one)) for one in value]
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return data


def submit(client: Client, path: str, **changes: Any) -> Any:
    """Send the page's form with changes; `None` leaves a field out."""
    data = form_of(client, path) | {name.replace("__", "-"): v for name, v in changes.items()}
    return client.post(path, {name: value for name, value in data.items() if value is not None})


def assert_saved(response: Any) -> None:
    problems = response.context and (
        response.context["errors"],
        [inline.formset.errors for inline in response.context["inline_admin_formsets"]],
    )
    assert response.status_code == 302, problems


class TestRegistry:
    def test_every_table_but_the_ledger_is_there_and_no_view(self) -> None:
        assert {model._meta.label for model in MODELS} == {
            "analytics.AuditEntry",
            "analytics.Policy",
            "analytics.RefreshRun",
            "analytics.Stamp",
            "auth.Group",
            "tracking.Assignment",
            "tracking.LearningSession",
            "tracking.Module",
            "tracking.ModuleProgress",
            "tracking.Question",
            "tracking.Quiz",
            "tracking.QuizAttempt",
            "tracking.ResourceProgress",
            "tracking.Submission",
            "tracking.Team",
            "tracking.TokenFamily",
            "tracking.User",
        }


class TestPages:
    def test_the_index_opens(self, client: Client) -> None:
        response = client.get("/admin/")

        assert response.status_code == 200
        assert "all times are UTC" in response.content.decode()

    def test_every_list_opens_and_can_be_searched(self, client: Client) -> None:
        make_world()

        statuses = {
            client.get(address(model, "changelist"), query).status_code
            for model in MODELS
            for query in ({}, {"q": "a"})[: 2 if admin.site._registry[model].search_fields else 1]
        }

        assert statuses == {200}

    def test_every_list_takes_the_same_number_of_queries_whatever_it_shows(
        self, client: Client
    ) -> None:
        make_world()
        self.query_counts(client)

        few = self.query_counts(client)
        for _ in range(3):
            make_world()

        assert self.query_counts(client) == few

    @staticmethod
    def query_counts(client: Client) -> dict[str, int]:
        counts = {}
        for model in MODELS:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address(model, "changelist")).status_code == 200
            counts[model._meta.label] = len(queries)
        return counts

    def test_the_page_of_every_object_opens_for_a_change_or_for_a_look(
        self, client: Client
    ) -> None:
        make_world()
        newest = {model: model._base_manager.order_by("-pk")[0].pk for model in MODELS}

        replies = {
            model._meta.label: client.get(address(model, "change", newest[model]))
            for model in MODELS
        }

        assert {reply.status_code for reply in replies.values()} == {200}
        assert {
            label for label, reply in replies.items() if not reply.context["has_change_permission"]
        } == READ_ONLY

    def test_the_page_for_a_new_one_opens_where_one_may_be_made(self, client: Client) -> None:
        replies = {model._meta.label: client.get(address(model, "add")) for model in MODELS}

        assert {label: reply.status_code for label, reply in replies.items()} == {
            label: 403 if label in NOT_ADDED else 200 for label in replies
        }

    def test_what_was_watched_reads_as_seconds(self, client: Client) -> None:
        learner = make_world()
        progress = learner.resource_progress.get()

        page = client.get(address(type(progress), "change", progress.pk)).content.decode()

        assert "0\u201315 s, 40\u201365 s" in page

    def test_fractions_of_seconds_are_shown(self) -> None:
        assert seconds_text(Multirange([Range(0, 1500), Range(2001, 3000)])) == (
            "0\u20131.5 s, 2.001\u20133 s"
        )
        assert seconds_text(Multirange()) == ""


class TestWhoMayEnter:
    @pytest.mark.parametrize("role", ["learner", "manager", "admin"])
    def test_without_staff_status_everybody_is_sent_to_the_sign_in(
        self, db: None, role: str
    ) -> None:
        client = Client()
        client.force_login(make_user(role))

        replies = [client.get(address(model, "changelist")) for model in MODELS]

        assert {(reply.status_code, reply["Location"].split("?")[0]) for reply in replies} == {
            (302, "/admin/login/")
        }

    def test_staff_without_permissions_see_nothing(self, db: None) -> None:
        client = Client()
        client.force_login(make_user("manager", is_staff=True))

        statuses = {client.get(address(model, "changelist")).status_code for model in MODELS}

        assert statuses == {403}

    def test_who_may_edit_people_cannot_make_a_superuser(self, db: None) -> None:
        clerk = make_user("manager", is_staff=True)
        clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
        client = Client()
        client.force_login(clerk)

        response = submit(
            client,
            address(User, "change", clerk.pk),
            first_name="Ada",
            is_superuser="on",
            is_staff="on",
            groups=[str(Group.objects.create(name="all").pk)],
        )

        assert_saved(response)
        clerk.refresh_from_db()
        assert (clerk.first_name, clerk.is_superuser, clerk.groups.count()) == ("Ada", False, 0)


class TestEvidence:
    @pytest.mark.parametrize(
        "model",
        [model for model in MODELS if model._meta.label in READ_ONLY],
        ids=lambda model: model._meta.label,
    )
    def test_it_can_be_neither_made_nor_changed_nor_deleted(
        self, client: Client, model: Any
    ) -> None:
        make_world()
        before = list(model._base_manager.order_by("pk").values())
        found = model._base_manager.first()

        replies = [
            client.post(address(model, "add"), {}),
            client.post(address(model, "change", found.pk), {"completed": "on", "user": "1"}),
            client.post(address(model, "delete", found.pk), {"post": "yes"}),
        ]
        client.post(
            address(model, "changelist"),
            {"action": "delete_selected", "_selected_action": [found.pk], "post": "yes"},
        )

        assert [reply.status_code for reply in replies] == [403, 403, 403]
        assert list(model._base_manager.order_by("pk").values()) == before

    @pytest.mark.parametrize("model", [User, Module, Quiz], ids=lambda model: model.__name__)
    def test_whoever_or_whatever_has_evidence_cannot_be_deleted(
        self, client: Client, model: Any
    ) -> None:
        learner = make_world()
        found = {
            User: learner,
            Module: Module.objects.get(),
            Quiz: Quiz.objects.get(),
        }[model]

        response = client.post(address(model, "delete", found.pk), {"post": "yes"})

        assert response.status_code == 403
        assert QuizAttempt.objects.filter(user=learner).exists()

    def test_a_module_without_evidence_can_be_deleted(self, client: Client) -> None:
        module = make_module(questions=1)

        client.post(address(Module, "delete", module.pk), {"post": "yes"})

        assert not Module.objects.exists()


class TestPeople:
    def test_a_person_made_without_a_team_is_in_the_default_team(
        self, client: Client, settings: Any
    ) -> None:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

        response = submit(
            client,
            address(User, "add"),
            username="ada",
            usable_password="true",
            password1="correct horse battery",
            password2="correct horse battery",
            role="learner",
        )

        assert_saved(response)
        ada = User.objects.get(username="ada")
        assert (ada.role, ada.team.is_default, ada.is_staff) == ("learner", True, False)
        assert ada.check_password("correct horse battery")

    def test_a_persons_role_and_team_can_be_changed(self, client: Client) -> None:
        ada, north = make_learner(), make_team("North")

        response = submit(
            client, address(User, "change", ada.pk), role="manager", team=str(north.pk)
        )

        assert_saved(response)
        ada.refresh_from_db()
        assert (ada.role, ada.team) == ("manager", north)

    def test_a_person_can_be_deactivated(self, client: Client) -> None:
        ada = make_learner()

        assert_saved(submit(client, address(User, "change", ada.pk), is_active=None))

        ada.refresh_from_db()
        assert ada.is_active is False

    def test_only_managers_and_admins_can_manage_a_team(self, client: Client) -> None:
        team, manager, learner = make_team(), make_user("manager"), make_learner()
        path = address(Team, "change", team.pk)

        refused = submit(client, path, managers=[str(learner.pk)])
        accepted = submit(client, path, managers=[str(manager.pk)])

        assert refused.status_code == 200
        assert_saved(accepted)
        assert list(team.managers.all()) == [manager]

    def test_the_default_team_cannot_be_deleted(self, client: Client) -> None:
        default = Team.objects.get(is_default=True)

        response = client.post(address(Team, "delete", default.pk), {"post": "yes"})

        assert response.status_code == 403
        assert Team.objects.filter(pk=default.pk).exists()

    def test_a_sign_in_can_be_revoked(self, client: Client) -> None:
        make_world()
        family = TokenFamily.objects.get()

        response = client.post(
            address(TokenFamily, "changelist"),
            {"action": "revoke", "_selected_action": [str(family.pk)]},
        )

        assert response.status_code == 302
        family.refresh_from_db()
        assert family.revoked_at is not None


class TestContent:
    def test_a_module_is_made_with_its_resources(self, client: Client) -> None:
        response = submit(
            client,
            address(Module, "add"),
            title="One",
            is_published="on",
            resources__TOTAL_FORMS="1",
            resources__0__title="Film",
            resources__0__kind="video",
            resources__0__position="0",
            resources__0__duration_seconds="90",
        )

        assert_saved(response)
        module = Module.objects.get()
        assert (module.title, module.external_id) == ("One", None)
        assert list(module.resources.values_list("title", "kind", "duration_seconds")) == [
            ("Film", "video", 90)
        ]

    @pytest.mark.parametrize("duration", ["0", "-1", "86401", "1.5"])
    def test_a_duration_out_of_bounds_is_refused(self, client: Client, duration: str) -> None:
        module = make_module()

        response = submit(
            client,
            address(Module, "change", module.pk),
            resources__0__duration_seconds=duration,
        )

        assert response.status_code == 200
        assert module.resources.get().duration_seconds == 100

    def test_two_modules_without_an_external_id_do_not_collide(self, client: Client) -> None:
        for title in ("One", "Two"):
            assert_saved(submit(client, address(Module, "add"), title=title))

        assert Module.objects.count() == 2

    def test_a_module_leads_to_its_quiz_or_to_a_new_one(self, client: Client) -> None:
        with_quiz, without = make_module(questions=1), make_module()

        pages = [
            client.get(address(Module, "change", module.pk)).content.decode()
            for module in (with_quiz, without)
        ]

        assert address(Quiz, "change", with_quiz.quiz.pk) in pages[0]
        assert f"{address(Quiz, 'add')}?module={without.pk}" in pages[1]

    def test_a_quiz_is_made_with_its_questions(self, client: Client) -> None:
        module = make_module()

        response = submit(
            client,
            f"{address(Quiz, 'add')}?module={module.pk}",
            questions__TOTAL_FORMS="1",
            questions__0__text="Why?",
            questions__0__position="0",
        )

        assert_saved(response)
        assert [question.text for question in module.quiz.questions.all()] == ["Why?"]

    @pytest.mark.parametrize("pass_score", ["-1", "101", "abc"])
    def test_a_pass_mark_is_a_percent(self, client: Client, pass_score: str) -> None:
        quiz = make_module(questions=1).quiz

        response = submit(client, address(Quiz, "change", quiz.pk), pass_score=pass_score)

        assert response.status_code == 200
        assert Quiz.objects.get().pass_score == 70


class TestChoices:
    @pytest.fixture
    def question(self, db: None) -> Question:
        return make_module(questions=1).quiz.questions.get()

    @staticmethod
    def choices(question: Question) -> list[tuple[str, bool]]:
        return list(question.choices.values_list("text", "is_correct"))

    def test_saving_without_a_change_changes_nothing(
        self, client: Client, question: Question
    ) -> None:
        assert_saved(submit(client, address(Question, "change", question.pk)))

        assert self.choices(question) == [("right", True), ("wrong", False)]

    def test_the_right_answer_can_move_down(self, client: Client, question: Question) -> None:
        response = submit(
            client,
            address(Question, "change", question.pk),
            choices__0__is_correct=None,
            choices__1__is_correct="on",
        )

        assert_saved(response)
        assert self.choices(question) == [("right", False), ("wrong", True)]

    def test_the_right_answer_can_move_up(self, client: Client, question: Question) -> None:
        Choice.objects.filter(question=question).update(is_correct=False)
        Choice.objects.filter(question=question, text="wrong").update(is_correct=True)

        response = submit(
            client,
            address(Question, "change", question.pk),
            choices__0__is_correct="on",
            choices__1__is_correct=None,
        )

        assert_saved(response)
        assert self.choices(question) == [("right", True), ("wrong", False)]

    def test_the_right_answer_can_be_replaced(self, client: Client, question: Question) -> None:
        response = submit(
            client,
            address(Question, "change", question.pk),
            choices__TOTAL_FORMS="3",
            choices__0__DELETE="on",
            choices__2__text="new",
            choices__2__position="2",
            choices__2__is_correct="on",
        )

        assert_saved(response)
        assert self.choices(question) == [("wrong", False), ("new", True)]

    @pytest.mark.parametrize(
        "changes",
        [
            {"choices__0__is_correct": None},
            {"choices__1__is_correct": "on"},
            {"choices__0__DELETE": "on"},
        ],
        ids=["none", "two", "deleted"],
    )
    def test_one_answer_is_right_and_no_more(
        self, client: Client, question: Question, changes: dict[str, Any]
    ) -> None:
        response = submit(client, address(Question, "change", question.pk), **changes)

        assert response.status_code == 200
        assert "Exactly one choice has to be the right answer." in response.content.decode()
        assert self.choices(question) == [("right", True), ("wrong", False)]


class TestAssignedWork:
    def test_an_assignment_knows_who_gave_it(self, client: Client, boss: User) -> None:
        learner, module = make_learner(), make_module()

        response = submit(
            client,
            address(Assignment, "add"),
            user=str(learner.pk),
            module=str(module.pk),
            due_at_0="2026-03-01",
            due_at_1="12:00:00",
        )

        assert_saved(response)
        assignment = Assignment.objects.get()
        assert (assignment.user, assignment.module, assignment.assigned_by) == (
            learner,
            module,
            boss,
        )
        assert (assignment.due_at, assignment.status) == (
            dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC),
            "assigned",
        )

    def test_it_is_on_record(self, client: Client, boss: User) -> None:
        learner, module = make_learner(), make_module()

        assert_saved(
            submit(client, address(Assignment, "add"), user=str(learner.pk), module=str(module.pk))
        )

        detail = {
            "assignment": Assignment.objects.get().pk,
            "module": module.pk,
            "due_at": None,
            "status": "created",
        }
        assert entries() == [(boss.pk, "assign", learner.pk, detail)]

    def test_what_somebody_has_completed_already_is_completed(self, client: Client) -> None:
        learner, module = make_learner(), make_module()
        record(learner, claim(module.resources.get(), completed=True))

        assert_saved(
            submit(client, address(Assignment, "add"), user=str(learner.pk), module=str(module.pk))
        )

        assert Assignment.objects.get().status == "completed"

    @pytest.mark.parametrize("fields", [{"role": "manager"}, {"is_active": False}])
    def test_only_an_active_learner_can_be_given_work(
        self, client: Client, fields: dict[str, Any]
    ) -> None:
        nobody, module = make_user(**fields), make_module()

        response = submit(
            client, address(Assignment, "add"), user=str(nobody.pk), module=str(module.pk)
        )

        assert response.status_code == 200
        assert "user" in response.context["adminform"].form.errors
        assert not Assignment.objects.exists()

    def test_the_same_work_cannot_be_assigned_twice(self, client: Client) -> None:
        learner, module = make_learner(), make_module()
        make_assignment(learner, module)

        response = submit(
            client, address(Assignment, "add"), user=str(learner.pk), module=str(module.pk)
        )

        assert response.status_code == 200
        assert Assignment.objects.count() == 1

    def test_only_the_due_date_of_an_assignment_can_be_changed(self, client: Client) -> None:
        learner, module = make_learner(), make_module()
        assignment = make_assignment(learner, module)

        response = submit(
            client,
            address(Assignment, "change", assignment.pk),
            user=str(make_learner().pk),
            status="completed",
            due_at_0="2026-03-01",
            due_at_1="12:00:00",
        )

        assert_saved(response)
        assignment.refresh_from_db()
        assert (assignment.user, assignment.status) == (learner, "assigned")
        assert assignment.due_at == dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


class TestGrading:
    @pytest.fixture
    def submission(self, db: None) -> Submission:
        assignment = make_assignment(
            make_learner(), make_module(has_assignment=True), submitted_at=ZERO
        )
        return assignment.submissions.get()

    def test_a_grade_is_stamped_with_its_time_and_its_giver(
        self, client: Client, boss: User, submission: Submission
    ) -> None:
        response = submit(
            client,
            address(Submission, "change", submission.pk),
            grade="87.5",
            feedback="Well done.",
        )

        assert_saved(response)
        submission.refresh_from_db()
        assert (submission.grade, submission.feedback) == (Decimal("87.50"), "Well done.")
        assert submission.graded_by == boss
        assert submission.graded_at is not None
        assert submission.assignment.status == "graded"
        ((actor, action, learner, detail),) = entries()
        assert (actor, action, learner) == (boss.pk, "grade", submission.assignment.user_id)
        assert detail["grade"] == 87.5

    def test_feedback_alone_is_no_grade(self, client: Client, submission: Submission) -> None:
        path = address(Submission, "change", submission.pk)

        assert_saved(submit(client, path, feedback="See me."))

        submission.refresh_from_db()
        assert (submission.feedback, submission.graded_at, submission.graded_by) == (
            "See me.",
            None,
            None,
        )

    def test_later_feedback_leaves_the_stamp_of_the_grade(
        self, client: Client, submission: Submission
    ) -> None:
        giver = make_user("manager")
        Submission.objects.update(grade=50, graded_at=ZERO, graded_by=giver)

        assert_saved(submit(client, address(Submission, "change", submission.pk), feedback="More."))

        submission.refresh_from_db()
        assert (submission.graded_at, submission.graded_by) == (ZERO, giver)

    def test_a_grade_that_is_taken_back_takes_its_stamp_along(
        self, client: Client, submission: Submission
    ) -> None:
        Submission.objects.update(grade=50, graded_at=ZERO, graded_by=make_user("manager"))

        assert_saved(submit(client, address(Submission, "change", submission.pk), grade=""))

        submission.refresh_from_db()
        assert (submission.grade, submission.graded_at, submission.graded_by) == (
            None,
            None,
            None,
        )
        assert submission.assignment.status == "submitted"

    def test_a_page_that_is_saved_as_it_was_is_no_grading(
        self, client: Client, submission: Submission
    ) -> None:
        assert_saved(submit(client, address(Submission, "change", submission.pk)))

        submission.refresh_from_db()
        assert (submission.graded_at, submission.assignment.status) == (None, "assigned")
        assert entries() == []

    @pytest.mark.parametrize("grade", ["-1", "100.01", "NaN", "abc", "1e400"])
    def test_a_grade_is_a_percent(self, client: Client, submission: Submission, grade: str) -> None:
        response = submit(client, address(Submission, "change", submission.pk), grade=grade)

        assert response.status_code == 200
        assert Submission.objects.get().grade is None

    def test_what_was_handed_in_cannot_be_edited(
        self, client: Client, submission: Submission
    ) -> None:
        path = address(Submission, "change", submission.pk)

        assert_saved(submit(client, path, text="changed", url="https://example.org", grade="1"))

        submission.refresh_from_db()
        assert (submission.text, submission.url) == ("done", "")

    def test_what_was_handed_in_cannot_be_deleted(
        self, client: Client, submission: Submission
    ) -> None:
        response = client.post(address(Submission, "delete", submission.pk), {"post": "yes"})

        assert response.status_code == 403

    def test_what_was_handed_in_is_shown_as_text(
        self, client: Client, submission: Submission
    ) -> None:
        Submission.objects.update(text="<script>alert(1)</script>")

        page = client.get(address(Submission, "change", submission.pk)).content.decode()

        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


class TestPolicy:
    def test_a_weight_can_be_changed(self, client: Client) -> None:
        assert_saved(submit(client, address(Policy, "change", 1), focus_divisor="15"))

        assert [policy.focus_divisor for policy in Policy.objects.all()] == [Decimal(15)]

    @pytest.mark.parametrize(
        "changes",
        [
            {"focus_divisor": "0"},
            {"consistency_divisor": "-1"},
            {"medium_risk": "61"},
            {"high_risk": "NaN"},
            {"focus_points": "-40"},
            {"low_engagement_risk": "-5"},
            {"drop_z": "-1"},
            {"failing_quizzes": "0"},
            {"medium_risk": "0"},
        ],
        ids=str,
    )
    def test_a_policy_that_makes_no_sense_is_refused(
        self, client: Client, changes: dict[str, str]
    ) -> None:
        before = Policy.objects.values().get()

        response = submit(client, address(Policy, "change", 1), **changes)

        assert response.status_code == 200
        assert Policy.objects.values().get() == before

    def test_it_stays_one_row(self, client: Client) -> None:
        replies = [
            client.post(address(Policy, "add"), {"focus_divisor": "1"}),
            client.post(address(Policy, "delete", 1), {"post": "yes"}),
            submit(client, address(Policy, "change", 1), id="2"),
        ]

        assert [reply.status_code for reply in replies] == [403, 403, 302]
        assert [policy.pk for policy in Policy.objects.all()] == [1]
