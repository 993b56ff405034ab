"""A stand-in for internet radio: one small server with good stations and bad ones."""

from tests.fakes.radio.fake import FakeRadio

__all__ = ["FakeRadio"]
