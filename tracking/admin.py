"""The admin site for people, content, assigned work, and a look at the evidence.

What learners did cannot be edited here, and so whoever or whatever has evidence cannot be deleted:
deactivate the user, unpublish the module.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import ValidationError
from django.db.models import Count, ForeignKey, ManyToManyField, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from psycopg.types.multirange import Multirange

from config.admin import EvidenceAdmin, ProductAdmin
from config.problems import ProblemError
from tracking.assignments import assign, grade_submission
from tracking.models import (
    Assignment,
    Choice,
    LearningSession,
    Module,
    ModuleProgress,
    Question,
    Quiz,
    QuizAttempt,
    Resource,
    ResourceProgress,
    Submission,
    Team,
    TokenFamily,
    User,
)

EN_DASH = "\u2013"


class SignInForm(AdminAuthenticationForm):
    """The admin's own; says so when too many sign-ins have failed."""

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except ProblemError as problem:
            raise ValidationError(problem.detail, code=problem.problem_type.slug) from problem


admin.site.login_form = SignInForm
admin.site.site_header = "Pulseboard"
admin.site.site_title = "Pulseboard"
admin.site.index_title = "Administration (all times are UTC)"


def seconds_text(intervals: Multirange[int]) -> str:
    """Intervals of milliseconds as seconds with a dash: `0-15 s, 40-65 s`."""
    return ", ".join(
        f"{_seconds(each.lower)}{EN_DASH}{_seconds(each.upper)} s" for each in intervals
    )


def _seconds(milliseconds: int | None) -> str:
    return f"{(milliseconds or 0) / 1000:g}"


# --- People ----------------------------------------------------------------------------------


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    show_full_result_count = False
    list_display = ["username", "first_name", "last_name", "role", "team", "is_active", "is_staff"]
    list_filter = ["role", "is_active", "is_staff", "team"]
    list_select_related = ["team"]
    autocomplete_fields = ["team"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = (
        (None, {"fields": ["username", "password", "is_active"]}),
        ("Person", {"fields": ["first_name", "last_name", "email", "role", "team"]}),
        (
            "Access to this site",
            {"fields": ["is_staff", "is_superuser", "groups", "user_permissions"]},
        ),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    )
    add_fieldsets = (
        (None, {"fields": ["username", "usable_password", "password1", "password2"]}),
        ("Person", {"fields": ["first_name", "last_name", "email", "role", "team"]}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Who may edit people may not for that reason make anybody, or oneself, a superuser."""
        fields = super().get_readonly_fields(request, obj)
        if getattr(request.user, "is_superuser", False):
            return fields
        return [*fields, "is_staff", "is_superuser", "groups", "user_permissions"]


@admin.register(Team)
class TeamAdmin(ProductAdmin):
    list_display = ["name", "member_count", "is_default"]
    search_fields = ["name"]
    filter_horizontal = ["managers"]
    readonly_fields = ["is_default"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        teams: QuerySet[Team] = super().get_queryset(request)
        return teams.annotate(member_total=Count("members"))

    @admin.display(description="members", ordering="member_total")
    def member_count(self, team: Any) -> int:
        return int(team.member_total)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "managers":
            managers = User.objects.exclude(role=User.Role.LEARNER)
            kwargs["queryset"] = managers.order_by("username")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        """Without the default team nobody could be created."""
        is_needed = obj is not None and obj.is_default
        return not is_needed and super().has_delete_permission(request, obj)


@admin.register(TokenFamily)
class TokenFamilyAdmin(EvidenceAdmin):
    """Sign-ins. Revoking one ends it when its access token expires, minutes later."""

    list_display = ["user", "rotated_at", "expires_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    date_hierarchy = "rotated_at"
    fields = ["user", "rotated_at", "expires_at", "revoked_at"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_active and user.has_perm("tracking.change_tokenfamily")

    @admin.action(description="Revoke selected sign-ins", permissions=["revoke"])
    def revoke(self, request: HttpRequest, families: QuerySet[TokenFamily]) -> None:
        revoked = families.filter(revoked_at=None).update(revoked_at=timezone.now())
        self.message_user(request, f"Sign-ins revoked: {revoked}.")


# --- Content ---------------------------------------------------------------------------------


class ResourceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Resource
    extra = 0
    fields = ["position", "title", "kind", "url", "duration_seconds"]


@admin.register(Module)
class ModuleAdmin(ProductAdmin):
    list_display = ["title", "resource_count", "is_published", "has_quiz", "has_assignment"]
    list_filter = ["is_published", "has_quiz", "has_assignment"]
    search_fields = ["title", "external_id"]
    date_hierarchy = "created_at"
    inlines = [ResourceInline]
    fields = [
        "title",
        "description",
        "is_published",
        "has_quiz",
        "quiz_link",
        "has_assignment",
        "external_id",
        "created_at",
    ]
    readonly_fields = ["quiz_link", "external_id", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Module]:
        modules: QuerySet[Module] = super().get_queryset(request)
        return modules.annotate(resource_total=Count("resources"))

    @admin.display(description="resources", ordering="resource_total")
    def resource_count(self, module: Any) -> int:
        return int(module.resource_total)

    @admin.display(description="quiz")
    def quiz_link(self, module: Module) -> str:
        if module._state.adding:
            return "Save the module first."
        quiz = Quiz.objects.filter(module=module).first()
        if quiz:
            return format_html(
                '<a href="{}">{}</a>', reverse("admin:tracking_quiz_change", args=[quiz.pk]), quiz
            )
        address = f"{reverse('admin:tracking_quiz_add')}?module={module.pk}"
        return format_html('<a href="{}">Write a quiz</a>', address)


class QuestionInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Question
    extra = 0
    fields = ["position", "text"]
    show_change_link = True


@admin.register(Quiz)
class QuizAdmin(ProductAdmin):
    """Questions are listed here; the choices of each are on the question's own page."""

    list_display = ["__str__", "module", "pass_score"]
    list_select_related = ["module"]
    search_fields = ["title", "module__title"]
    autocomplete_fields = ["module"]
    inlines = [QuestionInline]


class ChoiceForm(forms.ModelForm):  # type: ignore[type-arg]
    def validate_constraints(self) -> None:
        """One right answer is a rule about all choices: the formset checks it."""


class ChoiceFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        if not any(self.errors) and len(self._right()) != 1:
            raise forms.ValidationError("Exactly one choice has to be the right answer.")

    def save(self, commit: bool = True) -> Any:
        """No two are right at any moment: the old answer goes before the new one comes."""
        right = [form.instance.pk for form in self._right()]
        if commit:
            self.instance.choices.exclude(pk__in=right).update(is_correct=False)
        return super().save(commit)

    def _right(self) -> list[Any]:
        return [
            form
            for form in self.forms
            if form.cleaned_data.get("is_correct") and form not in self.deleted_forms
        ]


class ChoiceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Choice
    form = ChoiceForm
    formset = ChoiceFormSet
    extra = 0
    min_num = 2
    fields = ["position", "text", "is_correct"]


@admin.register(Question)
class QuestionAdmin(ProductAdmin):
    list_display = ["__str__", "quiz", "position"]
    list_select_related = ["quiz__module"]
    search_fields = ["text", "quiz__title", "quiz__module__title"]
    autocomplete_fields = ["quiz"]
    inlines = [ChoiceInline]


# --- Assigned work ---------------------------------------------------------------------------


@admin.register(Assignment)
class AssignmentAdmin(ProductAdmin):
    """Who has to do what, until when. The status follows from what the learner does."""

    list_display = ["user", "module", "status", "due_at", "assigned_at", "assigned_by"]
    list_filter = ["status", "due_at", "module"]
    list_select_related = ["user", "module", "assigned_by"]
    search_fields = ["user__username", "user__last_name", "module__title"]
    date_hierarchy = "assigned_at"
    autocomplete_fields = ["user", "module"]
    fields = ["user", "module", "due_at", "status", "assigned_at", "assigned_by"]
    readonly_fields = ["status", "assigned_at", "assigned_by"]

    def get_readonly_fields(self, request: HttpRequest, obj: Assignment | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "user", "module"] if obj else fields

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(role=User.Role.LEARNER, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Assignment, form: Any, change: bool) -> None:
        (outcome,) = assign(
            module=obj.module,
            learner_ids=[obj.user_id],
            due_at=obj.due_at,
            assigned_by=cast("User", request.user),
            assigned_at=timezone.now(),
        )
        obj.pk = outcome.assignment_id
        obj.refresh_from_db()


@admin.register(Submission)
class SubmissionAdmin(ProductAdmin):
    """What was handed in stays as it is; it may be graded."""

    list_display = ["assignment", "submitted_at", "grade", "graded_by"]
    list_filter = [("grade", admin.EmptyFieldListFilter), "assignment__module"]
    list_select_related = ["assignment__user", "assignment__module", "graded_by"]
    search_fields = ["assignment__user__username", "assignment__module__title"]
    date_hierarchy = "submitted_at"
    fields = [
        "assignment",
        "submitted_at",
        "text",
        "url",
        "grade",
        "feedback",
        "graded_at",
        "graded_by",
    ]
    readonly_fields = ["assignment", "submitted_at", "text", "url", "graded_at", "graded_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Submission, form: Any, change: bool) -> None:
        grade_submission(
            submission_id=obj.pk,
            grade=obj.grade,
            feedback=obj.feedback,
            graded_by=cast("User", request.user),
            graded_at=timezone.now(),
        )
        obj.refresh_from_db()


# --- Evidence --------------------------------------------------------------------------------


@admin.register(ModuleProgress)
class ModuleProgressAdmin(EvidenceAdmin):
    list_display = ["user", "module", "status", "last_accessed", "completed_at"]
    list_filter = ["status", "module"]
    list_select_related = ["user", "module"]
    search_fields = ["user__username", "module__title"]


@admin.register(ResourceProgress)
class ResourceProgressAdmin(EvidenceAdmin):
    list_display = ["user", "resource", "watch_time_seconds", "completed", "completed_at"]
    list_filter = ["completed"]
    list_select_related = ["user", "resource"]
    search_fields = ["user__username", "resource__title"]
    fields = [
        "user",
        "resource",
        "watch_time_seconds",
        "seen",
        "covered",
        "completed",
        "completed_at",
    ]

    @admin.display(description="watched", empty_value="nothing")
    def seen(self, progress: ResourceProgress) -> str:
        return seconds_text(progress.watched)

    @admin.display(description="covered")
    def covered(self, progress: ResourceProgress) -> str:
        return f"{_seconds(progress.covered_ms)} s"


@admin.register(LearningSession)
class LearningSessionAdmin(EvidenceAdmin):
    list_display = ["user", "module", "start_time", "last_pulse_at", "focus_duration_seconds"]
    list_filter = ["module"]
    list_select_related = ["user", "module"]
    search_fields = ["user__username", "module__title"]
    date_hierarchy = "start_time"


@admin.register(QuizAttempt)
class QuizAttemptAdmin(EvidenceAdmin):
    list_display = ["user", "quiz", "score", "passed", "timestamp"]
    list_filter = ["passed", "quiz__module"]
    list_select_related = ["user", "quiz__module"]
    search_fields = ["user__username", "quiz__module__title"]
    date_hierarchy = "timestamp"
