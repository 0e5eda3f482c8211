"""What the product knows about people, content and learning."""

from tracking.models.assignments import Assignment, Submission
from tracking.models.catalogue import Choice, Module, Question, Quiz, Resource
from tracking.models.people import Team, TokenFamily, User
from tracking.models.progress import LearningSession, ModuleProgress, QuizAttempt, ResourceProgress
from tracking.models.pulses import Pulse, SealedPulses

__all__ = [
    "Assignment",
    "Choice",
    "LearningSession",
    "Module",
    "ModuleProgress",
    "Pulse",
    "Question",
    "Quiz",
    "QuizAttempt",
    "Resource",
    "ResourceProgress",
    "SealedPulses",
    "Submission",
    "Team",
    "TokenFamily",
    "User",
]
