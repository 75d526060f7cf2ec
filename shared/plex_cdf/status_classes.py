"""What kind of time a workcenter status stands for."""

from typing import Annotated

from pydantic import BeforeValidator, model_validator

from plex_cdf.config import Model


def _text(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError('YAML reads Off, On, Yes and No as true or false; write it in quotes, such as "Off"')  # noqa: TRY004
    return value


Status = Annotated[str, BeforeValidator(_text)]


class StatusClasses(Model):
    """The classes of statuses by Plex's own texts, which come from a tenant's set-up table: none is assumed."""

    run: tuple[Status, ...] = ()
    planned_down: tuple[Status, ...] = ()
    unplanned_down: tuple[Status, ...] = ()
    off: tuple[Status, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _off(cls, content: object) -> object:
        """YAML reads the key `off` without quotes as false."""
        if isinstance(content, dict) and False in content and "off" not in content:
            return {"off" if key is False else key: value for key, value in content.items()}
        return content

    @model_validator(mode="after")
    def _one_class_each(self) -> "StatusClasses":
        texts = [*self.run, *self.planned_down, *self.unplanned_down, *self.off]
        if twice := sorted({text for text in texts if texts.count(text) > 1}):
            raise ValueError(f"a status belongs to one class, once; these stand there more often: {', '.join(twice)}")
        return self

    def rank(self, status: str) -> int:
        """Which status wins when several hold at once: unplanned down before planned down, run, off, any other."""
        ranked = (self.off, self.run, self.planned_down, self.unplanned_down)
        return next((rank for rank, texts in enumerate(ranked, start=1) if status in texts), 0)
