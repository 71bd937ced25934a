"""Errors as RFC 9457 problem documents, in the user's language, with a machine-readable code and the place."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, NotFound
from rest_framework.exceptions import PermissionDenied as Forbidden
from rest_framework.response import Response
from rest_framework.views import exception_handler

from targets.problems import Problem


class BadRequest(APIException):
    """The request is refused as a whole; every fault is named with its place."""

    status_code = 400

    def __init__(self, problems: list[Problem]):
        super().__init__(detail=_("The request is not valid."), code="invalid")
        self.problems = problems


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The problem document of an exception; None for what is no client's fault."""
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = Forbidden()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, APIException):
        return response
    body: dict[str, Any] = {"type": "about:blank", "status": response.status_code, "title": str(error.detail)}
    code = error.get_codes()
    body["code"] = code if isinstance(code, str) else "invalid"
    if isinstance(error, BadRequest):
        body["errors"] = [
            {"code": each.code, "place": str(each.place), "found": each.found, "detail": each.message}
            for each in error.problems
        ]
    response.data = body
    response.content_type = "application/problem+json"
    return response
