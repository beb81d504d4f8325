"""A parcel that came back: sent again, its cost billed when the address was wrong (ORD-6)."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from chalicelib.accounts.account import PostalAddress
from chalicelib.equipment.announcements import FAILED_DELIVERY, billing_message, pods_mail
from chalicelib.equipment.dispatch import Dispatch
from chalicelib.equipment.dispatch_book import DispatchBook
from chalicelib.equipment.evidence import evidence_key, evidence_of
from chalicelib.equipment.pod import Pod
from chalicelib.equipment.pod_states import PodEvent
from chalicelib.foundation.clock import today
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.messages import Message
from chalicelib.foundation.unit_of_work import retry_on_conflict
from chalicelib.texts.mails import MailName

_EVIDENCE_LENGTH = 1000
HIGHEST_COST_CENTS = 1000_00


class FailedDeliveries(DispatchBook):
    """Deliveries that failed, and the address to send to instead."""

    def __init__(self, *, documents: Documents, **ports: Any) -> None:
        super().__init__(**ports)
        self._documents = documents

    def bring_back(  # noqa: PLR0913 - what a failed delivery is made of
        self,
        account_id: str,
        dispatch_id: str,
        *,
        on: date,
        evidence: str,
        cost_cents: int,
        by: str,
        document: bytes = b"",
    ) -> Dispatch:
        """Note a parcel that came back; a wrong address is billed, with its evidence (ORD-6).

        ``cost_cents`` is the travel cost excl. VAT, 0 when the client is not at fault;
        ``document`` is what proves the failure, a PDF or a photograph.  The pods are reserved
        again, to be sent once more.  Raises FieldErrors, or DomainError when nothing is on its way.
        """
        evidence = evidence.strip()
        self._check(on, evidence, cost_cents)
        _on_their_way(self.get(account_id, dispatch_id))
        kept = (self._keep(account_id, dispatch_id, document),) if document else ()

        def attempt() -> Dispatch:
            dispatch = self.get(account_id, dispatch_id)
            ranks = _on_their_way(dispatch)
            tracking, sent = dispatch.slots[ranks[0]].tracking, self._pods(dispatch, ranks)
            gone = {"carrier": "", "tracking": "", "shipped_on": None}
            back: dict[str, Any] = {"at": self._clock.now(), "by": by, "why": evidence, **gone}
            pods = [pod.after(PodEvent.BRING_BACK, **back) for pod in sent]
            for rank in ranks:
                dispatch = dispatch.with_slot(rank, **gone)
            dispatch = replace(dispatch, evidence=(*dispatch.evidence, *kept))
            key = f"failed-delivery:{dispatch.id}:{tracking}:{pods[0].movement_count}"
            messages = [self._failed_mail(dispatch, pods, cost_cents, evidence, key)]
            if cost_cents:
                facts = {"evidence": " ".join((evidence, *kept)), "by": by, "key": key}
                messages.append(_bill(account_id, cost_cents, on=on, **facts))
            return self._commit(
                dispatch,
                pods,
                "pods.delivery_failed",
                by,
                *messages,
                evidence=evidence,
                documents=list(kept),
                cost_excl_vat_cents=cost_cents,
                tracking=tracking,
            )

        return retry_on_conflict(attempt)

    def evidence_link(self, account_id: str, dispatch_id: str, name: str) -> str:
        """Give an address that serves a document for a minute.  Raises NotFoundError."""
        if name not in self.get(account_id, dispatch_id).evidence:
            raise NotFoundError
        return self._documents.link(evidence_key(account_id, dispatch_id, name), name)

    def _pods(self, dispatch: Dispatch, ranks: list[int]) -> list[Pod]:
        return [self._pod(dispatch.slots[rank].serial) for rank in ranks]

    def _keep(self, account_id: str, dispatch_id: str, document: bytes) -> str:
        """Keep a document before what is told of it; one told of by nothing harms nobody."""
        name, content_type = evidence_of(document)
        self._documents.store(evidence_key(account_id, dispatch_id, name), document, content_type)
        return name

    def _check(self, on: date, evidence: str, cost_cents: int) -> None:
        errors = {}
        if not 0 < len(evidence) <= _EVIDENCE_LENGTH:
            errors["evidence"] = "Décrivez ce que le transporteur a constaté (1 000 caractères)."
        if not 0 <= cost_cents <= HIGHEST_COST_CENTS:
            errors["cost"] = "Indiquez un coût entre 0 et 1 000 €."
        if on > today(self._clock):
            errors["failed_on"] = "Cette date est dans l’avenir."
        if errors:
            raise FieldErrors(errors)

    def correct_address(
        self, account_id: str, dispatch_id: str, address: PostalAddress, by: str
    ) -> Dispatch:
        """Send what is not sent yet to another address.  Raises FieldErrors."""
        errors = {
            name: "Ce champ est obligatoire."
            for name in ("line1", "postal_code", "city")
            if not getattr(address, name).strip()
        }
        if errors:
            raise FieldErrors(errors)

        def attempt() -> Dispatch:
            dispatch = self.get(account_id, dispatch_id)
            if dispatch.address == address:
                return dispatch
            changed = replace(dispatch, address=address)
            facts = {"old": asdict(dispatch.address), "new": asdict(address)}
            return self._commit(changed, [], "pods.address_corrected", by, **facts)

        return retry_on_conflict(attempt)

    def _failed_mail(
        self, dispatch: Dispatch, pods: list[Pod], cost_cents: int, evidence: str, key: str
    ) -> Message:
        account = self._account(dispatch.account_id)
        more = {"cost_excl_vat_cents": cost_cents, "evidence": evidence}
        return pods_mail(MailName.POD_DELIVERY_FAILED, account, pods, key=key, **more)


def _bill(  # noqa: PLR0913 - what a charge is made of
    account_id: str, cost_cents: int, *, on: date, evidence: str, by: str, key: str
) -> Message:
    return billing_message(
        account_id,
        "failed_delivery",
        FAILED_DELIVERY,
        cost_cents,
        on=on,
        reason="Adresse de livraison erronée",
        evidence=evidence,
        by=by,
        key=key,
    )


def _on_their_way(dispatch: Dispatch) -> list[int]:
    """Give the places of the pods sent and not received.  Raises DomainError when none is."""
    ranks = [r for r, slot in enumerate(dispatch.slots) if slot.shipped_on and slot.is_awaited]
    if not ranks:
        raise DomainError("Rien n’est en route pour cet envoi.")
    return ranks
