"""Who learns what: the rule by which the learners of a run go through their course.

It is a formula rather than chance, so that pgbench can follow it as well: a learner plays a video
in pulses of 15 seconds to its end, then the next one of the module, then the next module. Everybody
starts somewhere else.
"""

MODULES = 20
RESOURCES_PER_MODULE = 5
RESOURCES = MODULES * RESOURCES_PER_MODULE
PULSE_SECONDS = 15
RESOURCE_SECONDS = 600
PULSES_PER_RESOURCE = RESOURCE_SECONDS // PULSE_SECONDS
COURSE_PULSES = RESOURCES * PULSES_PER_RESOURCE
BATCH_PULSES = 50

# Starting places, and where a measurement goes on, are multiples of this: pgbench has a batch
# prepared for each.
STRIDE = 10
# Learners that follow each other start seven strides apart.
SPREAD = 7 * STRIDE


def starting_place(learner: int) -> int:
    """Return the step at which a learner begins; a step is one pulse."""
    return learner * SPREAD % COURSE_PULSES


def resource_at(step: int) -> int:
    """Return the id of the resource that is played at a step; they count from 1."""
    return step // PULSES_PER_RESOURCE % RESOURCES + 1


def module_of(resource: int) -> int:
    """Return the id of a resource's module; they count from 1."""
    return (resource - 1) // RESOURCES_PER_MODULE + 1


def second_at(step: int) -> int:
    """Return the media second at which the pulse of a step begins."""
    return step % PULSES_PER_RESOURCE * PULSE_SECONDS


def ends_resource(step: int) -> bool:
    """Say whether this is the pulse with which a player calls the resource completed."""
    return step % PULSES_PER_RESOURCE == PULSES_PER_RESOURCE - 1


def step_after(step: int, *, pulses: int, learners: int) -> int:
    """Return where everybody goes on after that many pulses of all of them together."""
    return step + (pulses // learners // STRIDE + 1) * STRIDE
