"""The board of the page of keys: what later rooms show on it."""

from django.http import HttpRequest

from rlhfhub.web.panels import Board

KEYS: Board[HttpRequest] = Board()
