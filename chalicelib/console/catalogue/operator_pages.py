"""The operator's catalogue: what is published, and another state to publish (CAT-1, CAT-3)."""

from chalice.app import Response

from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.catalogue.json_lines import written
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors

_TEMPLATE = "catalogue/operator_catalogue.html"


def catalogue(visit: Visit) -> Response:
    """Show the catalogue in force, and its text to edit."""
    service = visit.services.catalogue
    try:
        current = service.current()
    except DomainError:  # before the first publication
        return _page(visit, None, "")
    return _page(visit, current, written(service.document()))


def publish(visit: Visit) -> Response:
    """Publish the text whole; or show it again, each wrong line named, and change nothing."""
    service, text = visit.services.catalogue, visit.fields.get("document", "")
    try:
        service.publish_text(text, f"operator:{visit.user.id}")
    except FieldErrors as refused:
        try:
            current = service.current()
        except DomainError:
            current = None
        return _page(visit, current, text, refused)
    return visit.see_other("/operator/catalogue?published=yes")


def _page(
    visit: Visit, current: Catalogue | None, text: str, refused: FieldErrors | None = None
) -> Response:
    return visit.page(
        _TEMPLATE,
        422 if refused else 200,
        catalogue=current,
        text=text,
        refused=refused,
        day=today(visit.services.base.clock),
        published=visit.query.get("published") == "yes",
    )
