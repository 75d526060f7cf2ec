"""A small bundle of every kind that the Toolkit deploys and the stand-in models."""

from __future__ import annotations

from pathlib import Path

from contract_cli_models import MODELS

PROJECT = "demo-dev"
CLIENTS = {"deployer": "deployer-secret", "runner": "runner-secret"}

HANDLER = """
def handle(client, data, secrets, function_call_info):
    print("asked for", data.get("do"))
    if data.get("do") == "fail":
        raise ValueError("no such thing")
    return {"assets": len(client.assets.list()), "keys": sorted(secrets)}
"""

FILES: dict[str, str] = {
    "data_sets/ds.DataSet.yaml": """
externalId: ds_demo
name: Demo {{ site }}
description: Demo data set
metadata:
  level: '1'
""",
    "classic/labels.Label.yaml": """
externalId: lb_demo
name: Demo
description: a label
dataSetExternalId: ds_demo
""",
    "classic/hierarchy.Asset.yaml": """
- externalId: oslo
  name: Oslo
  description: root
  dataSetExternalId: ds_demo
  source: demo
  labels: [{externalId: lb_demo}]
  metadata: {level: site}
- externalId: oslo_area1
  name: Area 1
  parentExternalId: oslo
  dataSetExternalId: ds_demo
""",
    "classic/ev.Event.yaml": """
externalId: ev_demo
dataSetExternalId: ds_demo
startTime: 1700000000000
endTime: 1700000001000
type: stop
subtype: planned
description: an event
assetExternalIds: [oslo]
metadata: {a: b}
""",
    "classic/seq.Sequence.yaml": """
externalId: seq_demo
name: Curve
dataSetExternalId: ds_demo
assetExternalId: oslo
columns:
  - externalId: x
    valueType: DOUBLE
  - externalId: label
    valueType: STRING
""",
    "classic/rows.SequenceRow.yaml": """
externalId: seq_demo
columns: [x, label]
rows:
  - rowNumber: 1
    values: [1.5, one]
  - rowNumber: 2
    values: [2.5, two]
""",
    "classic/rel.Relationship.yaml": """
externalId: rel_demo
sourceExternalId: oslo_area1
sourceType: asset
targetExternalId: ev_demo
targetType: event
dataSetExternalId: ds_demo
confidence: 0.5
labels: [{externalId: lb_demo}]
""",
    "timeseries/ts.TimeSeries.yaml": """
externalId: ts_temp
name: temp
dataSetExternalId: ds_demo
assetExternalId: oslo_area1
isString: false
isStep: false
unit: degC
metadata: {a: b}
""",
    "files/notes.FileMetadata.yaml": """
externalId: notes
name: notes.txt
mimeType: text/plain
dataSetExternalId: ds_demo
source: demo
""",
    "files/notes.txt": "A note.\n",
    "raw/db.Database.yaml": "dbName: db_demo\n",
    "raw/state.Table.yaml": "dbName: db_demo\ntableName: state\n",
    "functions/fn.Function.yaml": """
externalId: fn_demo
name: 'extractor:demo'
description: Demo extractor
owner: data-team
runtime: py312
dataSetExternalId: ds_demo
envVars:
  SITE: '{{ site }}'
secrets:
  api-key: ${DEMO_API_KEY}
metadata:
  version: '1'
""",
    "functions/fn.Schedule.yaml": """
functionExternalId: fn_demo
name: hourly
description: hourly run
cronExpression: '0 * * * *'
data:
  do: count
authentication:
  clientId: ${RUNNER_ID}
  clientSecret: ${RUNNER_SECRET}
""",
    "functions/failing.Schedule.yaml": """
functionExternalId: fn_demo
name: failing
cronExpression: '0 0 1 1 *'
data:
  do: fail
authentication:
  clientId: ${RUNNER_ID}
  clientSecret: ${RUNNER_SECRET}
""",
    "functions/fn_demo/handler.py": HANDLER,
    "functions/fn_demo/requirements.txt": "cognite-sdk==8.22.0\n",
    "extraction_pipelines/ep.ExtractionPipeline.yaml": """
externalId: ep_demo
name: demo pipeline
dataSetExternalId: ds_demo
description: Demo pipeline
schedule: '0 * * * *'
source: demo
rawTables:
  - dbName: db_demo
    tableName: state
contacts:
  - name: Team
    email: team@example.com
    role: owner
    sendNotification: true
notificationConfig:
  allowedNotSeenRangeInMinutes: 120
metadata: {team: data}
""",
    "extraction_pipelines/ep.Config.yaml": """
externalId: ep_demo
description: config for demo
config:
  source:
    # A comment survives.
    site: '{{ site }}'
    token: ${NOT_INJECTED}
""",
    "auth/gp.Group.yaml": """
name: gp_demo
sourceId: 11111111-1111-1111-1111-111111111111
metadata: {origin: toolkit}
capabilities:
  - assetsAcl:
      actions: [READ, WRITE]
      scope:
        datasetScope:
          ids: [ds_demo]
  - rawAcl:
      actions: [READ]
      scope:
        tableScope:
          dbsToTables:
            db_demo: [state]
  - sessionsAcl:
      actions: [CREATE]
      scope: {all: {}}
""",
    "workflows/wf.Workflow.yaml": """
externalId: wf_demo
description: demo workflow
dataSetExternalId: ds_demo
maxConcurrentExecutions: 1
""",
    "workflows/wf.WorkflowVersion.yaml": """
workflowExternalId: wf_demo
version: v1
workflowDefinition:
  description: run demo
  tasks:
    - externalId: first
      type: function
      parameters:
        function:
          externalId: fn_demo
          data: {do: count}
        isAsyncComplete: false
      name: Run
      retries: 2
    - externalId: second
      type: function
      parameters:
        function:
          externalId: fn_demo
      dependsOn:
        - externalId: first
""",
    "workflows/wf.WorkflowTrigger.yaml": """
externalId: wf_trigger
triggerRule:
  triggerType: schedule
  cronExpression: '0 * * * *'
workflowExternalId: wf_demo
workflowVersion: v1
input: {x: 1}
metadata: {}
authentication:
  clientId: ${RUNNER_ID}
  clientSecret: ${RUNNER_SECRET}
""",
    **MODELS,
}
"""Files of the module, by path. After docs of the kinds, and of what the Toolkit's own resource classes take."""

CHANGES: dict[str, tuple[str, str]] = {
    "data_sets/ds.DataSet.yaml": ("Demo data set", "Another description"),
    "classic/hierarchy.Asset.yaml": ("name: Area 1", "name: Area One"),
    "classic/ev.Event.yaml": ("subtype: planned", "subtype: unplanned"),
    "classic/rows.SequenceRow.yaml": ("2.5, two", "3.5, three"),
    "classic/rel.Relationship.yaml": ("confidence: 0.5", "confidence: 0.75"),
    "timeseries/ts.TimeSeries.yaml": ("unit: degC", "unit: degF"),
    "files/notes.FileMetadata.yaml": ("source: demo", "source: other"),
    "functions/fn_demo/handler.py": ("asked for", "told to"),
    "extraction_pipelines/ep.ExtractionPipeline.yaml": ("team: data", "team: other"),
    "extraction_pipelines/ep.Config.yaml": ("A comment", "Another comment"),
    "auth/gp.Group.yaml": ("actions: [READ]", "actions: [READ, WRITE]"),
    "workflows/wf.Workflow.yaml": ("maxConcurrentExecutions: 1", "maxConcurrentExecutions: 2"),
    "workflows/wf.WorkflowVersion.yaml": ("retries: 2", "retries: 4"),
    "workflows/wf.WorkflowTrigger.yaml": ("cronExpression: '0 *", "cronExpression: '30 *"),
    "data_modeling/sp.Space.yaml": ("a space", "the space"),
    "data_modeling/pump.Container.yaml": (
        "  weight:\n    type",
        "  height:\n    type: {type: int32}\n  weight:\n    type",
    ),
    "data_modeling/pump.View.yaml": ("in kilograms", "in pounds"),
    "data_modeling/plant.DataModel.yaml": ("name: Plant", "name: Factory"),
    "data_modeling/pumps.Node.yaml": ("12.5", "13.5"),
}
"""What to replace in a file, so that every kind that can be updated is.

Not sequences: the Toolkit adds their columns anew with every update (`SequenceRequest.as_update` without the columns
that exist), which the API refuses.
"""


def change(root: Path) -> None:
    """Change everything that can be."""
    for path, (old, new) in CHANGES.items():
        file = root / "modules" / "ingest" / path
        text = file.read_text(encoding="utf-8")
        assert old in text, path
        file.write_text(text.replace(old, new), encoding="utf-8")
