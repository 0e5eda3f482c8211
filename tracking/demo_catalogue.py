"""What there is to learn in the demo."""

from dataclasses import dataclass

from tracking.models import Resource

VIDEO = Resource.Kind.VIDEO
DOCUMENT = Resource.Kind.DOCUMENT
LINK = Resource.Kind.LINK


@dataclass(frozen=True)
class DemoResource:
    """`path` is a file in `static/demo/`; `duration_seconds` is there for videos only."""

    title: str
    kind: Resource.Kind
    path: str
    duration_seconds: int | None = None


@dataclass(frozen=True)
class DemoQuestion:
    """`right` is the place of the right answer in `choices`, from 0."""

    text: str
    choices: tuple[str, ...]
    right: int


@dataclass(frozen=True)
class DemoModule:
    """`external_id` tells the demo's modules from everybody else's."""

    external_id: str
    title: str
    description: str
    resources: tuple[DemoResource, ...]
    questions: tuple[DemoQuestion, ...]
    has_assignment: bool = False


DEMO_MODULES = (
    DemoModule(
        external_id="demo:information-security",
        title="Information security basics",
        description="Keep accounts, devices and documents safe in everyday work.",
        resources=(
            DemoResource("Passwords, passkeys and second factors", VIDEO, "passwords.webm", 312),
            DemoResource("Recognising a phishing message", VIDEO, "phishing.webm", 428),
            DemoResource("Clean desk checklist", DOCUMENT, "clean-desk-checklist.pdf"),
            DemoResource("Where to report an incident", LINK, "report-an-incident.pdf"),
        ),
        questions=(
            DemoQuestion(
                "A message from your bank asks you to confirm a payment through a link. "
                "What do you do first?",
                (
                    "Open the link to see whether the page looks right",
                    "Report the message and reach the bank through its known address",
                    "Reply and ask whether the message is real",
                ),
                1,
            ),
            DemoQuestion(
                "What makes a passkey safer than a password?",
                (
                    "It is longer",
                    "It is changed every month",
                    "It cannot be typed into a fake site",
                ),
                2,
            ),
            DemoQuestion(
                "You leave your desk for five minutes. What about your screen?",
                (
                    "Lock it",
                    "Turn the display away",
                    "Leave it, as five minutes is short",
                ),
                0,
            ),
            DemoQuestion(
                "You sent a customer list to the wrong person. When do you report it?",
                (
                    "When the recipient complains",
                    "At the end of the week, with the other incidents",
                    "At once",
                ),
                2,
            ),
            DemoQuestion(
                "Which of these may you plug into your work computer?",
                (
                    "A USB stick found in the car park",
                    "A device that your IT department handed out",
                    "A charger with a data cable from a café",
                ),
                1,
            ),
        ),
    ),
    DemoModule(
        external_id="demo:useful-feedback",
        title="Giving useful feedback",
        description="Say what you saw, what it caused, and what you would like to see next.",
        resources=(
            DemoResource("What makes feedback useful", VIDEO, "useful-feedback.webm", 545),
            DemoResource(
                "Receiving feedback without arguing", VIDEO, "receiving-feedback.webm", 366
            ),
            DemoResource(
                "Situation, behaviour, impact: a one-page guide", DOCUMENT, "sbi-guide.pdf"
            ),
        ),
        questions=(
            DemoQuestion(
                "Which sentence describes behaviour rather than character?",
                (
                    "You are unreliable",
                    "The report came two days after the date we had agreed",
                    "You do not care about deadlines",
                ),
                1,
            ),
            DemoQuestion(
                "When is feedback on a mistake most useful?",
                (
                    "Soon after it, in private",
                    "In the next team meeting",
                    "In the yearly review",
                ),
                0,
            ),
            DemoQuestion(
                "A colleague gives you feedback that surprises you. What helps most?",
                (
                    "Explaining why they are mistaken",
                    "Giving feedback in return",
                    "Asking for an example",
                ),
                2,
            ),
            DemoQuestion(
                "What belongs at the end of a feedback conversation?",
                (
                    "An agreement on what happens next",
                    "A summary of everything that went wrong",
                    "A compliment on something else",
                ),
                0,
            ),
        ),
        has_assignment=True,
    ),
    DemoModule(
        external_id="demo:safety-first-response",
        title="Workplace safety and first response",
        description="Know the exits, spot hazards early, and act in the first minutes.",
        resources=(
            DemoResource("Fire, alarm, evacuation", VIDEO, "evacuation.webm", 254),
            DemoResource(
                "The first five minutes of an emergency", VIDEO, "first-response.webm", 728
            ),
            DemoResource("Setting up a screen and a chair", VIDEO, "workstation.webm", 187),
            DemoResource("Evacuation plan, all floors", DOCUMENT, "evacuation-plan.pdf"),
        ),
        questions=(
            DemoQuestion(
                "The fire alarm sounds during an important call. What do you do?",
                (
                    "End the call and leave by the nearest exit",
                    "Wait for a second alarm",
                    "Finish the call, then leave",
                ),
                0,
            ),
            DemoQuestion(
                "Somebody has collapsed. What comes first?",
                (
                    "Moving them to a quiet room",
                    "Making sure that the place is safe for you",
                    "Looking for a blanket",
                ),
                1,
            ),
            DemoQuestion(
                "Where is the top edge of a well placed screen?",
                (
                    "Well above your eyes",
                    "At the height of your chin",
                    "At about the height of your eyes",
                ),
                2,
            ),
            DemoQuestion(
                "You see a cable across a walkway. What do you do?",
                (
                    "Secure it or have it removed, and report it",
                    "Step over it and warn the next person",
                    "Wait for the yearly inspection",
                ),
                0,
            ),
        ),
    ),
    DemoModule(
        external_id="demo:good-meetings",
        title="Running meetings that decide",
        description="Prepare, keep time, and leave with decisions that are written down.",
        resources=(
            DemoResource("Does this need a meeting?", VIDEO, "need-a-meeting.webm", 143),
            DemoResource("From agenda to decision", VIDEO, "agenda-to-decision.webm", 612),
            DemoResource("Agenda and minutes template", DOCUMENT, "agenda-template.pdf"),
        ),
        questions=(
            DemoQuestion(
                "What is the best reason to call a meeting?",
                (
                    "Everybody should hear the same news",
                    "Several people have to decide something together",
                    "It is on the calendar every week",
                ),
                1,
            ),
            DemoQuestion(
                "Half of the time is gone and the first item is still open. What now?",
                (
                    "Skip the break",
                    "Carry on until everybody agrees",
                    "Decide with the group what to do with the time that is left",
                ),
                2,
            ),
            DemoQuestion(
                "What do minutes have to contain at the very least?",
                (
                    "Decisions, who does what, and until when",
                    "Everything that was said, in order",
                    "The names of those who spoke most",
                ),
                0,
            ),
        ),
        has_assignment=True,
    ),
)
