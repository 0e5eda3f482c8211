"""What pages have sent, held against what the database has counted."""

from tests.browser.people import Person
from tests.browser.site import Site
from tests.browser.tab import Tab

# Until everything has arrived, the clocks of the pages go on so far, in steps that leave a request
# its time: a page gives it up after 30 seconds by its own clock.
STEP_MS, STEPS = 3_000, 60
# Real milliseconds for each step.
PAUSE_MS = 150
# Steps after that, in which nothing more may be counted.
MORE_STEPS = 4
# A part of a second is not counted at the end, and the test sees start and end a little late.
SLACK_SECONDS = 2.0


def assert_counted_once(site: Site, learner: Person, *tabs: Tab, least: float) -> None:
    """What was watched is in the ledger once: every pulse, and every second.

    The films are at rest, and the clocks of the pages installed. `least` seconds were watched.
    What a page sends while it goes away is in the ledger, but Playwright does not see it sent.
    """
    watches = [watch for tab in tabs for watch in tab.watches]
    watched = sum(ended - began for began, ended in watches if ended is not None)
    assert watched >= least, f"{watched:.1f} s were watched"
    slack = SLACK_SECONDS * len(watches)

    steps_left = STEPS
    while steps_left:
        for tab in tabs:
            tab.page.clock.run_for(STEP_MS)
            tab.page.wait_for_timeout(PAUSE_MS)
        sent = {id_: seconds for tab in tabs for id_, seconds in tab.pulses.items()}
        ledger = {str(row["pulse_id"]): row["duration_delta"] for row in site.pulses(learner.id)}
        has_arrived = sent.items() <= ledger.items() and sum(ledger.values()) >= watched - slack
        steps_left = min(steps_left - 1, MORE_STEPS) if has_arrived else steps_left - 1

    assert sent.items() <= ledger.items(), f"{sent} were sent, {ledger} have arrived"
    counted = site.focus_seconds(learner.id)
    assert counted == sum(ledger.values()), f"{counted} s were counted of {ledger}"
    assert abs(counted - watched) <= slack, f"{counted} s were counted of {watched:.1f} s"
