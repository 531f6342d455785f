"""A project whose texts break layouts: long words, tables, code, right-to-left, markup."""

from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.factories import (
    Tenant,
    fund_batch,
    import_items,
    make_batch,
    make_project,
    publish_guidelines,
    set_aside_for_readers,
)
from tests.people import Annotator, make_annotator

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
HARD_TEXT = f"""# A heading that a model wrote {LONG}

| Column | Another one | {LONG} | Four | Five |
|---|---|---|---|---|
| 1 | 2 | 3 | 4 | 5 |

```python
def a_function_with_a_rather_long_name(argument_one, argument_two, argument_three): return "{LONG}"
```

<script>alert(1)</script> <b>not bold</b> ![a picture](https://elsewhere.example/x.png) [a link](https://elsewhere.example/)

{LONG * 3}

مرحبا بالعالم، هذا نص طويل من اليمين إلى اليسار. 😀 \u202e backwards \u200b zero width

1. one
   - nested
     > quoted, with `code {LONG}`
"""


def make_hard_annotator(tenant: Tenant) -> Annotator:
    """Make the project and the one annotator in it, who answered the first of its two items."""
    project = make_project(tenant, name=f"{LONG} {LONG}"[:120], publish=False)
    publish_guidelines(project, HARD_TEXT, "major", reading_minor=300)
    set_aside_for_readers(project)
    with planes.in_workspace(project.workspace_id):
        project.refresh_from_db()
    _open(_batch(project))
    person = make_annotator(project, LONG)
    lease = person.lease()
    assert lease
    assert person.submit(lease, 0, HARD_TEXT[:3000]).status_code == 201
    return person


def _batch(project: Project) -> Batch:
    batch = make_batch(project, items=0, name=LONG, model_tag=LONG)
    messages = [
        {"role": "system", "content": "Be brief. " + LONG},
        {"role": "user", "content": "What is this?"},
        {"role": "assistant", "content": "What is what?"},
        {"role": "user", "content": HARD_TEXT},
    ]
    item = {
        "prompt": messages,
        "responses": [{"text": HARD_TEXT, "model": LONG}, {"text": "Short."}],
        "context": {LONG: LONG, "source": "<b>a book</b>"},
    }
    import_items(batch, [{**item, "external_id": f"{LONG}-{number}"} for number in (1, 2)])
    return batch


def _open(batch: Batch) -> None:
    fund_batch(batch)
    with planes.in_workspace(batch.workspace_id):
        batches.open_batch(batch=batch, actor_id=None)
