"""The part of the bundle that data modeling keeps."""

from __future__ import annotations

MODELS: dict[str, str] = {
    "data_modeling/sp.Space.yaml": "space: sp_demo\nname: Demo\ndescription: a space\n",
    "data_modeling/pump.Container.yaml": """
space: sp_demo
externalId: Pump
usedFor: node
properties:
  name:
    type: {type: text}
    nullable: false
  weight:
    type: {type: float64}
  state:
    type:
      type: enum
      values:
        up: {name: Up}
        down: {name: Down}
  tags:
    type: {type: text, list: true}
  drives:
    type: {type: direct}
constraints:
  oneName:
    constraintType: uniqueness
    properties: [name]
indexes:
  byWeight:
    indexType: btree
    properties: [weight]
""",
    "data_modeling/thing.View.yaml": """
space: sp_demo
externalId: Thing
version: v1
name: Thing
properties:
  name:
    container: {type: container, space: sp_demo, externalId: Pump}
    containerPropertyIdentifier: name
""",
    "data_modeling/pump.View.yaml": """
space: sp_demo
externalId: Pump
version: v1
implements:
  - {type: view, space: sp_demo, externalId: Thing, version: v1}
filter:
  hasData:
    - {type: container, space: sp_demo, externalId: Pump}
properties:
  weight:
    container: {type: container, space: sp_demo, externalId: Pump}
    containerPropertyIdentifier: weight
    description: in kilograms
  state:
    container: {type: container, space: sp_demo, externalId: Pump}
    containerPropertyIdentifier: state
  drives:
    container: {type: container, space: sp_demo, externalId: Pump}
    containerPropertyIdentifier: drives
    source: {type: view, space: sp_demo, externalId: Pump, version: v1}
  drivenBy:
    connectionType: multi_reverse_direct_relation
    source: {type: view, space: sp_demo, externalId: Pump, version: v1}
    through:
      source: {type: view, space: sp_demo, externalId: Pump, version: v1}
      identifier: drives
""",
    "data_modeling/plant.DataModel.yaml": """
space: sp_demo
externalId: Plant
version: v1
name: Plant
views:
  - {type: view, space: sp_demo, externalId: Thing, version: v1}
  - {type: view, space: sp_demo, externalId: Pump, version: v1}
""",
    "data_modeling/pumps.Node.yaml": """
space: sp_demo
externalId: pump1
sources:
  - source: {type: view, space: sp_demo, externalId: Pump, version: v1}
    properties:
      name: Pump 1
      weight: 12.5
      state: up
""",
}
"""Files of the module, by path."""
