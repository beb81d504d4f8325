"""ministack and moto as the stack uses them: started together, warmed up, stopped together."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from urllib.request import Request, urlopen

from infra.local.programs.processes import REGION, Ministack, MotoServer, free_port
from infra.local.state_folder import StateFolder

# moto loads EC2 at the first call to it, which takes seconds: better while others start.
_FIRST_CALL = b"Action=DescribeInstances&Version=2016-11-15"
_TO_EC2 = (
    f"AWS4-HMAC-SHA256 Credential=warm/20260101/{REGION}/ec2/aws4_request, "
    "SignedHeaders=host, Signature=none"
)
_WARM_SECONDS = 600  # against a hang alone: a busy machine takes long


class Emulators:
    """The two programs that stand for AWS.

    This module imports little, so that they start while the rest is still being loaded.
    """

    def __init__(self, folder: StateFolder) -> None:
        self.ministack = Ministack(free_port(), folder.ministack, log=folder.log("ministack"))
        self.moto = MotoServer(free_port(), log=folder.log("moto"))
        self._ending = ExitStack()
        self._warm: Future[None] | None = None

    def spawn(self) -> None:
        """Start both without waiting."""
        programs = (self.moto, self.ministack)
        for program in programs:
            self._ending.callback(program.stop)
        for program in programs:
            self._ending.callback(program.request_stop)
            program.spawn()
        one = ThreadPoolExecutor(1, "warming-up")
        self._ending.callback(one.shutdown, wait=False, cancel_futures=True)
        self._warm = one.submit(self._warm_up)

    def _warm_up(self) -> None:
        self.moto.wait_until_ready()
        asked = Request(self.moto.url, _FIRST_CALL, {"Authorization": _TO_EC2})
        with urlopen(asked, timeout=_WARM_SECONDS):
            pass

    def wait_for_ministack(self) -> None:
        """Wait until ministack answers.  Raises NotReady."""
        self.ministack.wait_until_ready()

    def wait_for_moto(self) -> None:
        """Wait until moto answers, quickly from then on.  Raises NotReady."""
        if self._warm is not None:
            self._warm.result()

    def stop(self) -> None:
        """Have both save what they hold and end."""
        self._ending.close()
