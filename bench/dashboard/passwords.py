"""Gives users, whose ids are its arguments, the password on stdin.

A process of its own, as it needs Django.
"""

import os
import sys

import django


def main() -> None:
    """Set the password of everybody who is named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415

    from tracking.models import User  # noqa: PLC0415

    password = make_password(sys.stdin.read())
    User.objects.filter(pk__in=[int(number) for number in sys.argv[1:]]).update(password=password)


if __name__ == "__main__":
    main()
