from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from organisations.choices import Role
from organisations.models import Account, Organisation


class Command(BaseCommand):
    help = "Creates an account; the first of an installation is a system administrator. Asks for the password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--organisation", required=True, metavar="CODE")
        parser.add_argument("--role", action="append", required=True, choices=Role.values)
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        parser.add_argument(
            "--keep-password",
            action="store_true",
            help="the person typed it: it need not be changed at the first login",
        )

    def handle(self, *args: Any, username: str, name: str, organisation: str, **options: Any) -> None:
        unit = Organisation.objects.filter(code=organisation).first()
        if unit is None:
            raise CommandError(_("There is no unit with the code %(code)s.") % {"code": organisation})
        password = input() if options["password_stdin"] else getpass(_("Password: "))
        roles = dict.fromkeys(options["role"], True)
        try:
            validate_password(password, Account(username=username, name=name))
            Account.objects.create_user(
                username,
                password,
                name=name,
                organisation=unit,
                must_change_password=not options["keep_password"],
                **roles,
            )
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(_("Account %(username)s created.") % {"username": username})
