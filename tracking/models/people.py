"""Users, their teams, and the token families of their sign-ins."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q


class Team(models.Model):
    """Learners that are managed together."""

    name = models.CharField(max_length=200, unique=True)
    is_default = models.BooleanField(
        default=False, help_text="The team of everybody for whom no team was chosen."
    )
    managers = models.ManyToManyField(
        "tracking.User",
        blank=True,
        related_name="managed_teams",
        help_text="Who sees this team. A manager listed in no team sees their own.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="team_only_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TeamKey(models.ForeignKey):  # type: ignore[type-arg]
    """A team for everybody: whoever is saved without one, one by one or in bulk, gets the default.

    Not a field default, as those are asked for on every instance made, also without a database.
    Raises `Team.DoesNotExist` if somebody removed the team that a migration creates.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if getattr(model_instance, self.attname) is None:
            team = Team.objects.only("pk").get(is_default=True)
            setattr(model_instance, self.attname, team.pk)
        return super().pre_save(model_instance, add)


class IsInScope(models.Func):
    """Whether a team is one whose learners somebody may see: `sql/functions/teams_in_scope.sql`.

    Takes the team and the id of who asks. The function is called once, whatever the number of rows.
    """

    arg_joiner = " = any((select public.teams_in_scope("
    template = "coalesce(%(expressions)s))::bigint[]), true)"
    output_field = models.BooleanField()


class People(UserManager["User"]):
    """Users; a superuser made by command is an admin of the product as well."""

    def learners_visible_to(self, person: "User") -> "models.QuerySet[User]":
        """Active learners whom somebody may see, assign work to and grade."""
        return self.filter(
            IsInScope(models.F("team_id"), models.Value(person.pk)),
            role=User.Role.LEARNER,
            is_active=True,
        )

    def create_superuser(self, *args: Any, **fields: Any) -> "User":
        return super().create_superuser(*args, **{"role": User.Role.ADMIN, **fields})


class User(AbstractUser):
    """A person who signs in: learner, manager or admin."""

    class Role(models.TextChoices):
        LEARNER = "learner"
        MANAGER = "manager"
        ADMIN = "admin"

    role = models.CharField(max_length=10, choices=Role, default=Role.LEARNER)
    team = TeamKey(Team, on_delete=models.PROTECT, related_name="members", blank=True)

    objects: ClassVar[People] = People()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["learner", "manager", "admin"]), name="user_role_is_known"
            )
        ]


class TokenFamily(models.Model):
    """One sign-in: the chain of refresh tokens that follow from it, of which one is valid."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    current_jti = models.CharField(max_length=64)
    previous_jti = models.CharField(max_length=64, blank=True)
    rotated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return f"sign-in of {self.user_id} until {self.expires_at:%Y-%m-%d}"
