"""Addresses with the two mistakes that the tests of access must catch."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.views import ApiMixin


class Unscoped(ApiMixin, APIView):
    """A view whose author forgot the scope."""

    def get(self, request: Any) -> Response:
        del request
        return Response({})


def unguarded(_request: HttpRequest) -> HttpResponse:
    """A view whose author forgot everything."""
    return HttpResponse("open")


urlpatterns = [path("api/v1/unscoped/", Unscoped.as_view()), path("planted/", unguarded)]
