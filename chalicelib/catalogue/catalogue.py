"""What is for sale, and at what price on which day (CGV art. 5, 9, 16; CAT-1, CAT-2, CAT-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.money import to_cents

EXTRA_POD = "extra-pod"
EXTRA_STORAGE = "storage-10gb"
BACKUP = "backup"
# In GiB, in catalogues published before an option told what it adds to the disk.
_ADDED_BEFORE_IT_WAS_WRITTEN = {EXTRA_STORAGE: 10}
# What a cloud cannot do with its machines.
_NOT_OFFERED = {"workspaces": frozenset({EXTRA_STORAGE, BACKUP})}


@dataclass(frozen=True)
class Label:
    """A text in each language of the console."""

    fr: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.fr


@dataclass(frozen=True)
class Application:
    """A preinstalled program (the operating system included) and where its licence is read."""

    name: str
    licence_url: str


@dataclass(frozen=True)
class SlaTier:
    """Below this availability, that percentage of the month's fee may be credited (P13)."""

    below_percent: str
    credit_percent: int


@dataclass(frozen=True)
class Configuration:
    """A predefined kind of desktop (CGV art. 5; CAT-1).

    ``sla_percent`` is the monthly availability aimed at, as a decimal text ("99.9").
    """

    code: str
    name: Label
    vcpu: int
    memory_gib: int
    storage_gib: int
    os: str
    os_licence_url: str
    applications: tuple[Application, ...]
    pod_included: bool
    provider: str
    instance_type: str
    image: str
    sla_percent: str
    sla_tiers: tuple[SlaTier, ...]
    on_sale_from: date
    on_sale_until: date | None = None

    def is_on_sale(self, day: date) -> bool:
        """Tell whether it can be ordered on a Paris day, both ends included."""
        return self.on_sale_from <= day <= (self.on_sale_until or date.max)

    @property
    def licences(self) -> tuple[Application, ...]:
        """Everything whose licence the client accepts: the system, then the applications."""
        return (Application(self.os, self.os_licence_url), *self.applications)


@dataclass(frozen=True)
class Option:
    """Something rented beside a desktop, by the month too (CAT-2).

    ``unit`` says what a quantity of one is; ``most`` is how many one desktop may have;
    ``storage_gib`` is what one adds to the desktop's disk.
    """

    code: str
    name: Label
    unit: Label
    most: int
    storage_gib: int = 0


@dataclass(frozen=True, order=True)
class DatedPrice:
    """The monthly price of a configuration or option from a Paris day on (CAT-3)."""

    code: str
    from_on: date
    monthly_excl_vat_cents: int


@dataclass(frozen=True)
class Catalogue:
    """One published state of the offer, with every price past and announced."""

    configurations: tuple[Configuration, ...]
    options: tuple[Option, ...]
    prices: tuple[DatedPrice, ...]
    version: int = 0

    @cached_property
    def _histories(self) -> dict[str, list[DatedPrice]]:
        histories: dict[str, list[DatedPrice]] = {}
        for price in sorted(self.prices):
            histories.setdefault(price.code, []).append(price)
        return histories

    @cached_property
    def names(self) -> dict[str, Label]:
        """The name of every configuration and option, those no longer sold too."""
        names = {configuration.code: configuration.name for configuration in self.configurations}
        return names | {option.code: option.name for option in self.options}

    def prices_of(self, code: str) -> list[DatedPrice]:
        """Give every price of a code, oldest first."""
        return list(self._histories.get(code, []))

    def known_price_on(self, code: str, day: date) -> int | None:
        """Give the monthly price in cents on a Paris day, or None before the first one."""
        in_force = None
        for price in self._histories.get(code, []):
            if price.from_on > day:
                break
            in_force = price.monthly_excl_vat_cents
        return in_force

    def price_on(self, code: str, day: date) -> int:
        """Give the monthly price in cents, excl. VAT, in force on a Paris day (CAT-3).

        Raises DomainError when the code has no price that day.
        """
        price = self.known_price_on(code, day)
        if price is None:
            raise DomainError("« %(code)s » n’a pas de prix au %(day)s.", code=code, day=str(day))
        return price

    def next_price(self, code: str, day: date) -> DatedPrice | None:
        """Give the next announced price after a day, if any."""
        return next((p for p in self._histories.get(code, []) if p.from_on > day), None)

    def configuration(self, code: str) -> Configuration:
        """Find a configuration, on sale or not.  Raises DomainError when unknown."""
        return _find(self.configurations, code)

    def storage_gib(self, configuration_code: str, options: Iterable[tuple[str, int]]) -> int:
        """Give the size in GiB of the disk of a configuration with options (CAT-1, CAT-2)."""
        added = {option.code: option.storage_gib for option in self.options}
        extra = sum(count * added.get(code, 0) for code, count in options)
        return self.configuration(configuration_code).storage_gib + extra

    def option(self, code: str) -> Option:
        """Find an option.  Raises DomainError when unknown."""
        return _find(self.options, code)

    def options_on(self, provider: str) -> list[Option]:
        """Give the options that a desktop on a cloud may have (CAT-2, DSK-2)."""
        refused = _NOT_OFFERED.get(provider, frozenset())
        return [option for option in self.options if option.code not in refused]

    def options_with(self, configuration_code: str) -> list[Option]:
        """Give the options that go with a configuration; every one while none is chosen."""
        chosen = [each for each in self.configurations if each.code == configuration_code]
        return self.options_on(chosen[0].provider) if chosen else list(self.options)

    def on_sale(self, day: date) -> list[Configuration]:
        """Give the configurations that can be ordered on a Paris day, cheapest first."""
        offered = [
            configuration
            for configuration in self.configurations
            if configuration.is_on_sale(day)
            and self.known_price_on(configuration.code, day) is not None
        ]
        return sorted(offered, key=lambda offer: self.price_on(offer.code, day))


def disk_can_grow(provider: str) -> bool:
    """Tell whether a cloud can enlarge the disk of a machine that is made (DSK-4)."""
    return EXTRA_STORAGE not in _NOT_OFFERED.get(provider, frozenset())


T = TypeVar("T", Configuration, Option)


def _find(items: Iterable[T], code: str) -> T:
    for item in items:
        if item.code == code:
            return item
    raise DomainError("« %(code)s » n’est pas au catalogue.", code=code)


def catalogue_of(document: dict[str, Any], version: int) -> Catalogue:
    """Build the catalogue of a document that ``document.checked`` accepted."""
    return Catalogue(
        tuple(_configuration(entry) for entry in document["configurations"]),
        tuple(_option(entry) for entry in document["options"]),
        tuple(sorted(_price(entry) for entry in document["prices"])),
        version,
    )


def _configuration(entry: dict[str, Any]) -> Configuration:
    until = entry["on_sale_until"]
    return Configuration(
        **{
            **entry,
            "name": Label(**entry["name"]),
            "applications": tuple(Application(**each) for each in entry["applications"]),
            "sla_tiers": tuple(SlaTier(**each) for each in entry["sla_tiers"]),
            "on_sale_from": date.fromisoformat(entry["on_sale_from"]),
            "on_sale_until": date.fromisoformat(until) if until else None,
        }
    )


def _option(entry: dict[str, Any]) -> Option:
    added = entry.get("storage_gib", _ADDED_BEFORE_IT_WAS_WRITTEN.get(entry["code"], 0))
    return Option(
        entry["code"], Label(**entry["name"]), Label(**entry["unit"]), entry["most"], added
    )


def _price(entry: dict[str, Any]) -> DatedPrice:
    return DatedPrice(
        entry["code"],
        date.fromisoformat(entry["from_on"]),
        to_cents(Decimal(entry["monthly_excl_vat"])),
    )


def coming_prices(new: Catalogue, old: Catalogue, day: date) -> list[DatedPrice]:
    """Give the next price of each code whose prices to come a publication changed (CAT-3)."""
    codes = [each.code for each in new.configurations] + [each.code for each in new.options]
    return [
        price
        for code in codes
        if _to_come(new, code, day) != _to_come(old, code, day)
        and (price := new.next_price(code, day)) is not None
    ]


def _to_come(catalogue: Catalogue, code: str, day: date) -> list[DatedPrice]:
    return [price for price in catalogue.prices_of(code) if price.from_on > day]
