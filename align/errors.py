"""The errors that `align` raises on purpose, each with what, where and what to do.

AlignError
├── InputError      an article that cannot be read or used
├── ModelError      a model that is missing, damaged or not what it should be
├── PackageError    an Argos package that is missing, unsafe or damaged
├── OutputError     a result that cannot be written
├── OfflineError    something that needs the network, which failed or was not allowed
└── SettingsError   settings that contradict each other or name something unknown
"""


class AlignError(Exception):
    """The root: everything the library raises on purpose."""


class InputError(AlignError):
    """An article that cannot be read or used."""


class ModelError(AlignError):
    """A model that is missing, damaged or not what it should be."""


class PackageError(AlignError):
    """An Argos package that is missing, unsafe or damaged."""


class OutputError(AlignError):
    """A result that cannot be written."""


class OfflineError(AlignError):
    """Something that needs the network, which failed or was not allowed."""


class SettingsError(AlignError):
    """Settings that contradict each other or name something unknown."""
