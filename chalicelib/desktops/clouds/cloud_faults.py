"""The clouds' refusals as plain sentences, with the reference to ask about them by (DSK-1)."""

import re

_NO_ROOM = "Le centre de données n’a plus de place pour cette machine."
_QUOTA = "Notre quota de machines est atteint."
_BUSY = "L’hébergeur était occupé par une autre opération sur cette machine."
_OVERLOADED = "L’hébergeur n’a pas répondu à temps."
_SENTENCES = {
    "InsufficientInstanceCapacity": _NO_ROOM,
    "InsufficientVolumeCapacity": _NO_ROOM,
    "InsufficientAddressCapacity": _NO_ROOM,
    "InsufficientFreeAddressesInSubnet": _NO_ROOM,
    "InstanceLimitExceeded": _QUOTA,
    "VcpuLimitExceeded": _QUOTA,
    "VolumeLimitExceeded": _QUOTA,
    "ResourceLimitExceededException": _QUOTA,
    "IncorrectInstanceState": _BUSY,
    "IncorrectModificationState": _BUSY,
    "IncorrectState": _BUSY,
    "VolumeInUse": _BUSY,
    "InvalidResourceStateException": _BUSY,
    "OperationInProgressException": _BUSY,
    "InternalError": _OVERLOADED,
    "RequestLimitExceeded": _OVERLOADED,
    "ServiceUnavailable": _OVERLOADED,
    "Throttling": _OVERLOADED,
    "ThrottlingException": _OVERLOADED,
    "Unavailable": _OVERLOADED,
    "InvalidAMIID.NotFound": "L’image de cette configuration est introuvable.",
    "InvalidInstanceID.NotFound": "La machine n’existe plus.",
    "InvalidSnapshot.NotFound": "Cette sauvegarde n’existe plus.",
    "Unsupported": "Ce type de machine n’est pas disponible ici.",
    "UnauthorizedOperation": "L’hébergeur n’a pas autorisé l’opération.",
    "VolumeModificationRateExceeded": "Le disque a été agrandi il y a moins de six heures.",
    "too long": "L’opération a pris trop de temps.",
    "the machine was lost several times": "La machine a été perdue plusieurs fois.",
}
_OTHER = "L’hébergeur a refusé l’opération."
_KEPT = re.compile(r"(?P<code>.*?)(?: \((?P<reference>[^()]+)\))?")


def fault_of(why: str) -> tuple[str, str]:
    """Give the sentence and the reference of what a desktop's history kept of a refusal."""
    kept = _KEPT.fullmatch(why)
    code, reference = (kept["code"], kept["reference"] or "") if kept else ("", "")
    return _SENTENCES.get(code, _OTHER), reference
