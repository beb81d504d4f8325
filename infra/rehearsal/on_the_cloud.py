"""One half of the rehearsal: deployed, used, inspected, deployed again."""

import sys
from pathlib import Path

from infra.rehearsal.adjustments import adjust
from infra.rehearsal.checks import RehearsalFailed, require, step
from infra.rehearsal.cloud import Cloud
from infra.rehearsal.deployment import PARAMETERS, Deploying, Stack, read_template
from infra.rehearsal.inspection import Inspection
from infra.rehearsal.story import EMAIL, PASSWORD, Story

_PERSONAL = (EMAIL, PASSWORD, "Jade", "Atelier Lumen", "01 99", "quai des Exemples")
_MALFORMED = "of mail failed"


def rehearse_cloud(package: Path, interpreter: str, folder: Path) -> None:
    """Deploy, play the main job, look at what is there, deploy a change, find the data again."""
    template = read_template(package / "template.yaml")
    print("\nOn ministack, role policies enforced. What it does not know of AWS:")
    for sentence in adjust(template):
        print(f"  - {sentence}")
    print()
    with Cloud(folder, interpreter) as cloud:
        deploying = Deploying(cloud, package, template, folder)
        step("refused while secrets are missing", deploying.is_refused_without_secrets)
        cloud.put_secrets()
        stacks: list[Stack] = []
        step("deployed", lambda: stacks.append(deploying.deploy()))
        story = Story(cloud, stacks[0])
        inspection = Inspection(cloud, stacks[0], story.gateway, package / "deployment.zip")
        try:
            _use(deploying, story, inspection)
        except RehearsalFailed:
            for line in inspection.errors():
                print(f"  {line}", file=sys.stderr)
            raise


def _use(deploying: Deploying, story: Story, inspection: Inspection) -> None:
    step("documents, catalogue and operator are there", story.found)
    step("routes", inspection.routes)
    step("unknown page", inspection.unknown_page)
    story.play()
    step("permissions", inspection.permissions)
    step("dead letters", inspection.dead_letters)
    step("an operator counts it", story.count_dead_letters)
    step("alarm", lambda: inspection.alarm(PARAMETERS["AlarmEmail"]))
    step("schedule", inspection.schedule)
    step("functions started anew", story.restart)
    step("deployed again, changed", lambda: _change(deploying))
    step("the client finds everything again", story.still_there)
    step("logs", lambda: inspection.logs(_PERSONAL, expected=_MALFORMED))


def _change(deploying: Deploying) -> None:
    """Deploy with other settings of one function: nothing else changes."""
    deploying.template["Resources"]["MailWorker"]["Properties"]["MemorySize"] += 256
    deploying.write()
    stack = deploying.deploy()
    changed = [change.split()[-1] for change in stack.changes]
    require(changed == ["MailWorker"], f"a deployment of one change changes {stack.changes}")
