"""The dashboard: one page, whatever address of it a browser asks for.

The page is the built `index.html`. Its scripts and styles are static files, which WhiteNoise serves
under /static/dashboard/; what to show at an address is for them to say.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page

from config import bundle
from config.problems import ProblemError, ProblemType, Unavailable, problem_response

# Every address but those of the server itself, and of files: something with a dot that is not
# there must not be answered with a page.
PAGES = r"^(?!(?:api|static|admin|healthz|readyz|metrics)(?:/|$))[^.]*$"

METHODS = ("GET", "HEAD")


# Nothing is changed here; a form sent to it is told so by 405.
@csrf_exempt
@conditional_page
@cache_control(no_cache=True)
def page(request: HttpRequest) -> HttpResponse:
    """The page, to be asked for again each time: it names the files of the newest build."""
    if request.method not in METHODS:
        not_allowed = ProblemType.METHOD_NOT_ALLOWED
        response = problem_response(request, ProblemError(not_allowed, not_allowed.meaning))
        response["Allow"] = ", ".join(METHODS)
        return response
    try:
        return HttpResponse(bundle.PAGE.read_bytes())
    except FileNotFoundError:
        return problem_response(request, Unavailable(bundle.MISSING))
