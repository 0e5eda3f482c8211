"""Prints access tokens for users whose ids are its arguments, as a JSON list.

A process of its own, as it needs Django.
"""

import json
import os
import sys

import django


def main() -> None:
    """Sign everybody in."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tracking.models import User  # noqa: PLC0415
    from tracking.tokens import access_token_for  # noqa: PLC0415

    users = User.objects.in_bulk([int(number) for number in sys.argv[1:]])
    json.dump([access_token_for(users[int(number)]) for number in sys.argv[1:]], sys.stdout)


if __name__ == "__main__":
    main()
