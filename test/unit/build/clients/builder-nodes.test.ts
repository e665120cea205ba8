import { expect, test } from "vitest";
import { nodesIn } from "../../../../build/clients/builder-nodes.ts";

const SHOWN = `Name:          farm
Driver:        remote
Last Activity: 2026-11-27 17:56:24 +0000 UTC

Nodes:
Name:             farm-amd64
Endpoint:         tcp://amd-builder:1234
Status:           running
BuildKit version: v0.31.1
Platforms:        linux/amd64*, linux/386
Labels:
 org.mobyproject.buildkit.worker.executor:         oci
GC Policy rule#0:
 All:            false

Name:      farm-arm64
Endpoint:  tcp://arm-builder:1234
Status:    inactive
Platforms: linux/arm64*
`;

test("the nodes that buildx shows, each with its own fields", () => {
  expect(nodesIn(SHOWN)).toEqual([
    {
      name: "farm-amd64",
      endpoint: "tcp://amd-builder:1234",
      status: "running",
      buildkit: "v0.31.1",
    },
    { name: "farm-arm64", endpoint: "tcp://arm-builder:1234", status: "inactive", buildkit: undefined },
  ]);
});

test("an older buildx has another word for the version; one that cannot say shows no nodes", () => {
  const older =
    "Name: b\nDriver: docker\n\nNodes:\nName: b0\nEndpoint: default\nStatus: running\nBuildKit: v0.12.5\n";
  expect(nodesIn(older)).toMatchObject([{ name: "b0", buildkit: "v0.12.5" }]);
  expect(nodesIn("")).toEqual([]);
  expect(nodesIn('ERROR: no builder "x" found')).toEqual([]);
});
