"""Assignments: given, handed in, graded. What is done to one learner's is one function each."""

from tracking.assignments.assigning import AssignmentOutcome, assign
from tracking.assignments.grading import GradeOutcome, grade_submission
from tracking.assignments.submitting import SubmissionOutcome, submit

__all__ = [
    "AssignmentOutcome",
    "GradeOutcome",
    "SubmissionOutcome",
    "assign",
    "grade_submission",
    "submit",
]
