"""The readings of the contract as an operator publishes them (art. 9, 17; P1, P9)."""

from dataclasses import dataclass
from datetime import date

from chalicelib.foundation.errors import FieldErrors, NotFoundError
from chalicelib.legal.policies import JOURNAL, ContractPolicy, seeded, start_errors
from chalicelib.legal.policies_storage import PolicyStorage
from chalicelib.legal.recording import Recording

_LONGEST_REASON = 500


@dataclass(kw_only=True)
class ContractPolicies:
    """Tells which reading is in force, and publishes another."""

    storage: PolicyStorage
    recording: Recording

    def applies(self, code: str, *, professional: bool, on: date) -> bool:
        """Tell whether a policy is on for a category of client on a Paris day (P1, P9).

        Raises NotFoundError for a code that does not exist.
        """
        policy = self.in_force(code, on)
        return policy.professionals if professional else policy.consumers

    def in_force(self, code: str, on: date) -> ContractPolicy:
        """Give a policy as it applies on a Paris day.  Raises NotFoundError."""
        begun = [policy for policy in self.history(code) if policy.from_on <= on]
        if not begun:
            raise NotFoundError
        return begun[-1]

    def history(self, code: str) -> list[ContractPolicy]:
        """Give every state of a policy, in the order they apply."""
        states = {policy.from_on: policy for policy in seeded() if policy.code == code}
        states |= {
            policy.from_on: policy for policy in self.storage.policies() if policy.code == code
        }
        return [states[day] for day in sorted(states)]

    def codes(self) -> list[str]:
        """Name the policies there are."""
        return list(dict.fromkeys(policy.code for policy in seeded()))

    def publish(  # noqa: PLR0913 - what a policy is made of
        self,
        code: str,
        *,
        from_on: date,
        professionals: bool,
        consumers: bool,
        reason: str,
        by: str,
    ) -> ContractPolicy:
        """Publish another reading, from a Paris day to come; a second one of that day replaces it.

        Raises FieldErrors for a day begun or far off, or without a reason; NotFoundError.
        """
        reason = reason.strip()
        _check(from_on, reason, self.recording.today())
        if code not in self.codes():
            raise NotFoundError

        def attempt() -> ContractPolicy:
            same_day = [each for each in self.history(code) if each.from_on == from_on]
            policy = ContractPolicy(
                code,
                from_on,
                professionals,
                consumers,
                reason,
                self.recording.now(),
                by,
                same_day[0].version if same_day else 0,
            )
            facts = {
                "code": code,
                "from_on": from_on.isoformat(),
                "professionals": professionals,
                "consumers": consumers,
                "reason": reason,
            }
            self.recording.commit(
                self.storage.save_policy(policy),
                self.recording.entry(JOURNAL, "policy.published", facts, by=by),
            )
            return policy

        return self.recording.again(attempt)


def _check(from_on: date, reason: str, day: date) -> None:
    errors = start_errors(from_on, day)
    if not 0 < len(reason) <= _LONGEST_REASON:
        errors["reason"] = "Indiquez un motif, en 500 caractères au plus."
    if errors:
        raise FieldErrors(errors)
