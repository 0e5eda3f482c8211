"""What the tracking API answers. No rules here."""

from rest_framework import serializers

from tracking.models import Assignment, Module, ModuleProgress, Resource


class TextField(serializers.CharField):
    """Takes strings alone: the framework's own field makes "1" of 1."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class FlagField(serializers.BooleanField):
    """Takes true and false alone: the framework's own field makes true of "yes" and of 1."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class TokenRequest(serializers.Serializer[object]):
    username = TextField(max_length=150)
    password = TextField(max_length=1000, trim_whitespace=False)
    cookie = FlagField(
        default=False, help_text="The refresh token comes in a cookie instead of the body."
    )


class RefreshRequest(serializers.Serializer[object]):
    refresh = TextField(
        max_length=4000, required=False, help_text="Without it, the cookie's token is taken."
    )


class TokenResponse(serializers.Serializer[object]):
    """`refresh` is there unless the token came, or was asked for, in the cookie."""

    access = serializers.CharField()
    refresh = serializers.CharField(required=False)


class ResourceStateResponse(serializers.Serializer[object]):
    watch_time_seconds = serializers.IntegerField()
    covered_percent = serializers.FloatField(allow_null=True)
    completed = serializers.BooleanField()


class ModuleStateResponse(serializers.Serializer[object]):
    status = serializers.ChoiceField(choices=ModuleProgress.Status.choices)
    progress_percent = serializers.FloatField()


class PulseResponse(serializers.Serializer[object]):
    """`_trace` is there when the pulse had one."""

    status = serializers.ChoiceField(choices=["recorded", "duplicate"])
    pulse_id = serializers.UUIDField()
    resource = ResourceStateResponse()
    module = ModuleStateResponse()
    server_time = serializers.DateTimeField()


class PulseResult(serializers.Serializer[object]):
    """`problem` is there when the status is rejected, `resource` and `module` when it is not."""

    status = serializers.ChoiceField(choices=["recorded", "duplicate", "rejected"])
    pulse_id = serializers.UUIDField(allow_null=True)
    resource = ResourceStateResponse(required=False)
    module = ModuleStateResponse(required=False)
    problem = serializers.DictField(required=False)


class PulseBatchResponse(serializers.Serializer[object]):
    results = PulseResult(many=True)
    server_time = serializers.DateTimeField()


class ModuleListItem(serializers.Serializer[Module]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=ModuleProgress.Status.choices)
    progress_percent = serializers.FloatField()
    has_quiz = serializers.BooleanField()
    has_assignment = serializers.BooleanField()


class ResourceItem(serializers.Serializer[Resource]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Resource.Kind.choices)
    url = serializers.CharField()
    duration_seconds = serializers.IntegerField(allow_null=True)
    completed = serializers.BooleanField()
    watch_time_seconds = serializers.IntegerField()
    covered_percent = serializers.FloatField(allow_null=True)


class ModuleDetail(ModuleListItem):
    resources = ResourceItem(many=True)


class ChoiceItem(serializers.Serializer[object]):
    id = serializers.IntegerField()
    text = serializers.CharField()


class QuestionItem(serializers.Serializer[object]):
    id = serializers.IntegerField()
    text = serializers.CharField()
    choices = ChoiceItem(many=True, source="choices.all")


class QuizDetail(serializers.Serializer[object]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    pass_score = serializers.IntegerField()
    questions = QuestionItem(many=True, source="questions.all")


class AttemptResponse(serializers.Serializer[object]):
    status = serializers.ChoiceField(choices=["recorded", "duplicate"])
    id = serializers.IntegerField()
    score = serializers.FloatField()
    passed = serializers.BooleanField()
    pass_score = serializers.IntegerField()
    module = ModuleStateResponse()
    timestamp = serializers.DateTimeField()


class SubmissionResponse(serializers.Serializer[object]):
    status = serializers.ChoiceField(choices=["recorded", "duplicate"])
    id = serializers.IntegerField()
    assignment_id = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    module = ModuleStateResponse()


class AssignmentResult(serializers.Serializer[object]):
    learner = serializers.IntegerField()
    assignment = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["created", "updated", "unchanged"])


class AssignmentsResponse(serializers.Serializer[object]):
    """One result for each learner, in the order of the request."""

    module = serializers.IntegerField()
    results = AssignmentResult(many=True)


class SubmissionForManagers(serializers.Serializer[object]):
    id = serializers.IntegerField()
    assignment_id = serializers.IntegerField()
    learner_id = serializers.IntegerField()
    username = serializers.CharField()
    module_id = serializers.IntegerField()
    module_title = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    grade = serializers.FloatField(allow_null=True)
    feedback = serializers.CharField()
    graded_at = serializers.DateTimeField(allow_null=True)


class GradedSubmissionResponse(SubmissionForManagers):
    assignment_status = serializers.ChoiceField(choices=Assignment.Status.choices)


class MeResponse(serializers.Serializer[object]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    role = serializers.CharField()
    team = serializers.CharField()
    modules_completed = serializers.IntegerField()
    modules_in_progress = serializers.IntegerField()
    total_focus_mins = serializers.FloatField()
