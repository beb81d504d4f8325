"""Options added to and taken from a desktop later on (CGV art. 5, 9, 13; CAT-2, DSK-4, DSK-5)."""

from datetime import datetime, timedelta

from chalicelib.catalogue.catalogue import EXTRA_STORAGE, Catalogue
from chalicelib.desktops.model.desktop import Desktop, Options
from chalicelib.foundation.errors import DomainError, FieldErrors

# The cloud refuses a second change of a disk before that.
BETWEEN_GROWTHS = timedelta(hours=6)
MOST_CHANGES = 500  # of a desktop's options, in all its life


def check_options(catalogue: Catalogue, desktop: Desktop, wanted: Options) -> Options:
    """Give the options asked for, in the catalogue's order, those of no quantity left out.

    Raises FieldErrors by option code: unknown, more than a desktop may have, or less storage than
    it has, for storage only grows (CGV art. 9; DSK-4).
    """
    asked, present = dict(wanted), dict(desktop.option_codes)
    most = {option.code: option.most for option in catalogue.options_on(desktop.provider)}
    errors = {
        code: "Cette quantité n’est pas possible."
        for code, count in asked.items()
        if not 0 <= count <= most.get(code, -1)
    }
    if asked.get(EXTRA_STORAGE, 0) < present.get(EXTRA_STORAGE, 0):
        errors[EXTRA_STORAGE] = (
            "Le stockage ne peut que grandir. Pour en avoir moins, commandez un autre bureau, "
            "copiez-y vos fichiers, puis supprimez celui-ci."
        )
    if errors:
        raise FieldErrors(errors)
    return tuple((code, asked[code]) for code in most if asked.get(code))


def grows(present: Options, wanted: Options) -> bool:
    """Tell whether the disk has to grow."""
    return dict(wanted).get(EXTRA_STORAGE, 0) > dict(present).get(EXTRA_STORAGE, 0)


def check_changes(desktop: Desktop) -> None:
    """Raise DomainError when the options changed so often that their days no longer fit a record.

    Every change stays with the desktop, for usage is computed from it.
    """
    if len(desktop.dated_options) >= MOST_CHANGES:
        raise DomainError(
            "Les options de ce bureau ont changé trop souvent pour l’être encore ici. "
            "Écrivez-nous\u00a0: nous nous en occupons avec vous."
        )


def check_growth(desktop: Desktop, now: datetime) -> None:
    """Raise DomainError when the disk grew so lately that the cloud would refuse (DSK-4)."""
    if desktop.disk_grown_at is not None and now - desktop.disk_grown_at < BETWEEN_GROWTHS:
        raise DomainError(
            "Le disque vient d’être agrandi : l’agrandissement suivant n’est possible que six "
            "heures après. Réessayez plus tard ; rien n’a changé."
        )
