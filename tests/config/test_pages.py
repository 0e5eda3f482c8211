"""What pages have and the API does without: sessions, forms, static files."""

import pytest
from django.test import Client

from tests.factories import client_of, make_learner, make_module

# What every answer carries, whoever asks for what.
PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.django_db
class TestPages:
    def test_a_form_from_another_site_is_refused(self) -> None:
        client = Client(enforce_csrf_checks=True)

        response = client.post("/admin/login/", {"username": "somebody", "password": "x"})

        assert response.status_code == 403

    def test_the_admin_site_has_sessions_and_messages(self) -> None:
        client = Client()
        client.force_login(make_learner(is_staff=True, is_superuser=True))

        response = client.get("/admin/")

        assert response.status_code == 200
        assert response.context["user"].is_authenticated

    def test_static_files_are_served(self) -> None:
        response = Client().get("/static/admin/css/base.css")
        response.close()

        assert response.status_code == 200


@pytest.mark.django_db
class TestEverywhere:
    @pytest.mark.parametrize("path", ["/admin/login/", "/api/me/", "/api/problems/", "/healthz"])
    def test_browsers_are_told_what_an_answer_may_not_be_used_for(self, path: str) -> None:
        response = client_of(make_learner()).get(path)

        assert response.status_code == 200
        assert {name: response[name] for name in PROTECTION} == PROTECTION

    def test_the_answer_to_a_pulse_has_all_of_it_and_no_cookie(self) -> None:
        resource = make_module().resources.get()

        response = client_of(make_learner()).post(
            f"/api/modules/{resource.module_id}/resources/{resource.pk}/complete/",
            {"duration_delta": 15},
            format="json",
        )

        assert response.status_code == 200
        assert {name: response[name] for name in PROTECTION} == PROTECTION
        assert response["Content-Length"] == str(len(response.content))
        assert not response.cookies
