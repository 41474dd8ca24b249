"""What goes wrong between a text and its sound. Messages are Vietnamese and name what to mend."""


class SpeechError(Exception):
    """The text or sound cannot be made ready for air. Permanent means that trying again will not help."""

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        super().__init__(message)
        self.permanent = permanent


class EngineError(SpeechError):
    """A voice failed, is missing, or was asked for something it cannot say."""
