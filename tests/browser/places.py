"""The pages of the dashboard, as addresses for the demo's people."""

from tests.browser.site import Site
from tests.browser.tab import Tab

SIGN_IN = "/sign-in"


def of_a_manager(site: Site) -> list[str]:
    """Those of the demo's manager; the learner is one with a history."""
    (learner,) = site.rows(
        """
        select attempt.user_id from tracking_quizattempt as attempt
        inner join tracking_user as learner on attempt.user_id = learner.id
        where learner.team_id = (select team_id from tracking_user where username = 'manager')
        group by attempt.user_id order by count(*) desc, attempt.user_id limit 1
        """
    )
    return [
        "/overview",
        "/learners",
        "/learners?search=no-such-person",
        f"/learners/{learner['user_id']}",
        "/audit",
        "/no/such/page",
    ]


def of_a_learner(site: Site) -> list[str]:
    """Those of the demo's learner; the module has everything a module can have."""
    (module,) = site.rows(
        """
        select id from tracking_module
        where has_quiz and has_assignment and is_published order by id limit 1
        """
    )
    return ["/learn", f"/learn/{module['id']}"]


def visit(tab: Tab, path: str) -> None:
    """Go there, and wait until everything is shown."""
    tab.page.goto(path)
    tab.settled()
