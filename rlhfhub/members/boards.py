"""The board of the keys page: the panels that later rooms show on it."""

from django.http import HttpRequest

from rlhfhub.web.panels import Board

KEYS: Board[HttpRequest] = Board()
