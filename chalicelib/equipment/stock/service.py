"""The stock of OmnyPods: imported, kept, repaired, taken out (POD-1, OPS-1)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chalicelib.equipment.model.announcements import fill_message
from chalicelib.equipment.model.cases import Cause
from chalicelib.equipment.model.pod import FIT_FOR_STOCK, Condition, Movement, Pod
from chalicelib.equipment.model.pod_prices import PodPrice, check_new, first_prices, price_on
from chalicelib.equipment.model.pod_states import PodEvent, PodState
from chalicelib.equipment.model.storage import EquipmentStorage
from chalicelib.equipment.stock.delivery_note import StockLine, read_csv
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.legal.recording import Recording

JOURNAL = "company"  # the chain of what the company does for all its clients
_BATCH = 50  # pods of one transaction


@dataclass(kw_only=True)
class StockService:
    """What the company has, wherever it is."""

    storage: EquipmentStorage
    recording: Recording

    # reading
    def pod(self, serial: str) -> Pod:
        """Give a pod.  Raises NotFoundError."""
        pod = self.storage.pod(serial)
        if pod is None:
            raise NotFoundError
        return pod

    def in_state(self, state: PodState, limit: int | None = None) -> list[Pod]:
        """Give the pods in a state, those longest in stock first."""
        return list(self.storage.in_state(state, limit))

    def counts(self) -> dict[PodState, int]:
        """Count the pods in each state."""
        return {state: sum(1 for _ in self.storage.in_state(state)) for state in PodState}

    # deliveries of the maker
    def import_csv(self, text: str, by: str) -> tuple[int, int]:
        """Take a delivery note into stock; give how many are new, and how many were known.

        All or nothing: one bad line, and nothing is imported (POD-1).  The same file again imports
        nothing; after a crash it imports what is missing.  Raises FieldErrors keyed by the line.
        """
        lines = read_csv(text, self.recording.today())
        fresh = self._fresh(lines)
        for start in range(0, len(fresh), _BATCH):
            batch = fresh[start : start + _BATCH]
            self.recording.again(lambda batch=batch: self._stock(self._fresh(batch), by))  # type: ignore[misc]
        return len(fresh), len(lines) - len(fresh)

    def _fresh(self, lines: list[StockLine]) -> list[StockLine]:
        """Give the lines whose pod is not known.  Raises FieldErrors for a serial of another."""
        errors: dict[str, str] = {}
        fresh = []
        for line in lines:
            known = self.storage.pod(line.serial)
            if known is None:
                fresh.append(line)
            elif (known.model, known.stocked_on) != (line.model, line.received_on):
                errors[f"ligne {line.number}"] = (
                    "Ce numéro de série est déjà en stock, avec un autre modèle ou une autre date."
                )
        if errors:
            raise FieldErrors(errors)
        return fresh

    def _stock(self, lines: list[StockLine], by: str) -> None:
        if not lines:
            return
        now = self.recording.now()
        pods = [
            Pod(
                line.serial,
                line.model,
                line.received_on,
                movements=(Movement(now, PodEvent.STOCK.value, PodState.IN_STOCK.value, by),),
                movement_count=1,
            )
            for line in lines
        ]
        facts = {"serials": [pod.serial for pod in pods]}
        self.recording.commit(
            *(write for pod in pods for write in self.storage.save_pod(pod)),
            self.recording.entry(JOURNAL, "pods.stocked", facts, by=by),
            fill_message(pods[0].serial),
        )

    # keeping
    def restock(self, serial: str, by: str) -> Pod:
        """Put a returned pod back on the shelf, when its condition lets it.  Raises DomainError."""

        def check(pod: Pod) -> None:
            if pod.state is PodState.RETURNED and pod.condition not in FIT_FOR_STOCK:
                raise DomainError(
                    "L’OmnyPod %(serial)s n’est pas revenu en bon état\u00a0: retirez-le du stock, "
                    "puis réparez-le.",
                    serial=pod.serial,
                )

        return self._move(serial, PodEvent.RESTOCK, by, check=check, then_fill=True)

    def retire(self, serial: str, why: str, by: str) -> Pod:
        """Take a pod of ours out of stock as faulty.  Raises FieldErrors without a reason."""
        if not why.strip():
            raise FieldErrors({"why": "Donnez la raison."})
        return self._move(serial, PodEvent.RETIRE, by, why=why.strip())

    def repair(self, serial: str, why: str, by: str) -> Pod:
        """Put a repaired pod back into stock.  Raises DomainError for one a client holds."""

        def check(pod: Pod) -> None:
            if pod.account_id:
                raise DomainError(
                    "L’OmnyPod %(serial)s est encore chez le client\u00a0: demandez son retour.",
                    serial=pod.serial,
                )

        return self._move(serial, PodEvent.REPAIR, by, why=why.strip(), check=check, then_fill=True)

    def _move(  # noqa: PLR0913 - one place for the shape of every movement
        self,
        serial: str,
        event: PodEvent,
        by: str,
        *,
        why: str = "",
        check: Callable[[Pod], None] | None = None,
        then_fill: bool = False,
    ) -> Pod:
        def attempt() -> Pod:
            pod = self.pod(serial)
            if check:
                check(pod)
            if pod.movements and pod.movements[-1].event == event.value:
                return pod  # a second click
            good = Condition.GOOD.value if event is not PodEvent.RETIRE else pod.condition
            moved = pod.after(event, at=self.recording.now(), by=by, why=why, condition=good)
            facts = {"serial": serial, "event": event.value, "to": moved.state.value, "why": why}
            self.recording.commit(
                *self.storage.save_pod(moved, was_of=pod.account_id),
                self.recording.entry(JOURNAL, "pod.moved", facts, by=by),
                *([fill_message(f"{serial}:{moved.movement_count}")] if then_fill else []),
            )
            return moved

        return self.recording.again(attempt)


@dataclass(kw_only=True)
class PriceListService:
    """The dated price list of lost, stolen and damaged pods (POD-2)."""

    storage: EquipmentStorage
    recording: Recording

    def prices(self) -> list[PodPrice]:
        """Give every price, past and announced, by cause and date."""
        every = [*first_prices(), *self.storage.prices()]
        return sorted(every, key=lambda each: (each.cause, each.from_on))

    def price_on(self, cause: Cause, day: date) -> int | None:
        """Give the price of a cause on a Paris day, in cents excl. VAT, None when it has none."""
        return price_on(self.prices(), cause, day)

    def announce(self, price: PodPrice, by: str) -> None:
        """Add a price for days to come; the same again changes nothing.  Raises FieldErrors."""
        check_new(price, self.recording.today())
        if price in self.prices():
            return
        facts = {
            "cause": price.cause.value,
            "from_on": price.from_on.isoformat(),
            "excl_vat_cents": price.excl_vat_cents,
        }

        def attempt() -> None:
            if any((p.cause, p.from_on) == (price.cause, price.from_on) for p in self.prices()):
                raise FieldErrors({"from_on": "Cette cause a déjà un prix à cette date."})
            self.recording.commit(
                self.storage.add_price(price),
                self.recording.entry(JOURNAL, "pod_price.announced", facts, by=by),
            )

        self.recording.again(attempt)
